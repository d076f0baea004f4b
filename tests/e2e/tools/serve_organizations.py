"""moto as AWS Organizations, for as long as the test that started it lives.

Standard input is held open by the test; when it closes, however the test ended, the server ends too. The caller is the management
account (MOTO_ACCOUNT_ID). The accounts that it creates get the ids of MEMBERS, one after the other, where AWS draws them: the other
servers play these accounts.
"""

import os
import signal
import sys
import threading

import moto.organizations.utils as utils
from moto.server import main


def end_with_the_test():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_the_test, daemon=True).start()
# The management account draws the first one, and keeps its own.
members = iter([os.environ["MOTO_ACCOUNT_ID"], *os.environ["MEMBERS"].split(",")])
utils.make_random_account_id = lambda: next(members)
main(["-H", "127.0.0.1", "-p", os.environ["MOTO_PORT"]])
