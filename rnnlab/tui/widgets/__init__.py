"""What screens are made of. Widgets draw what they are given: they read no files and know no run folders."""
