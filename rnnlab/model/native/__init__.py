"""C sources that are compiled on the machine they run on, where a compiler is there; see `build`."""
