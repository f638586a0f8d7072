"""What a trained network does inside: predictions and neurons."""
