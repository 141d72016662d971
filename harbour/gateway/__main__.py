"""`python -m harbour.gateway`."""

import sys

from harbour.gateway.run import main

sys.exit(main())
