"""Dead letters for those who look after them: listed, shown, sent through again, given up."""
