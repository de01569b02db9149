"""What is on the servers beside the traffic: made as declared, and removed when it has grown old."""
