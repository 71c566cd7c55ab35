"""What holds for every test: properties are tried on the same cases each time, so that a red run can be run again.

``HYPOTHESIS_PROFILE=default pytest tests/property`` looks for new cases.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
