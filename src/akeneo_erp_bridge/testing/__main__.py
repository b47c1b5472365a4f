"""`python -m akeneo_erp_bridge.testing serve`: a PIM for anybody's client."""

import sys

from akeneo_erp_bridge.testing._serve import main

if __name__ == "__main__":
    sys.exit(main())
