"""The reading of a parse tree: who parses, what the walk over the nodes does at each, where the grammar gives up."""
