"""python -m saifa_crm.stack: runs the whole product until Ctrl-C."""

import sys

from .supervisor import main

sys.exit(main())
