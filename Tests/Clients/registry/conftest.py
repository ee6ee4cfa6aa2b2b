from fleet.fixtures import *  # noqa: F401,F403
