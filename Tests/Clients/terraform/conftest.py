from fleet.fixtures import *  # noqa: F401,F403
from fleet.terraform import terraform  # noqa: F401
