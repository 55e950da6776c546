"""An engine that speaks as fast as it can, and a session with it."""

from tests.speaking import engine as engine
from tests.speaking import session as session
