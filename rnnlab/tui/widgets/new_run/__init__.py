"""The form for a new run: fields, the file tree, what the corpus is, what the run will cost."""
