"""The playground's parts: the text with its surprise as colour, and what else was likely at the cursor."""
