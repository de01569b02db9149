"""The sample outlet, "Báo Dòng Tin": a small newspaper written for the demo, served on loopback."""
