"""``python -m rnnlab`` is ``rnnlab``: what torchrun and the dashboard start."""

from rnnlab.cli import main

if __name__ == "__main__":
    main()
