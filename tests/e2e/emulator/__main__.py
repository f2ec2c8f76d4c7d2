"""`python -m tests.e2e.emulator`: serve on loopback until killed. What may be chosen comes by environment variables."""

import ministack.services.lambda_svc
from ministack.app import main

from tests.e2e.emulator import (
    execution_roles,
    journal,
    kept_code,
    leading_keys,
    missing_objects,
    paid_services,
    rest_apis,
)

# A new function is ready at once: botocore looks only every five seconds, and would wait so long for each of them.
ministack.services.lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0.0

for part in (journal, leading_keys, rest_apis, paid_services, missing_objects, execution_roles, kept_code):
    part.install()
main()
