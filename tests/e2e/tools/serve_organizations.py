"""moto as AWS Organizations, for as long as the test that started it lives.

Standard input is held open by the test; when it closes, however the test ended, the server ends too. The caller is the management
account (MOTO_ACCOUNT_ID). An account that it creates gets the id MEMBER, where AWS draws one: the other servers play that account.
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
member = os.environ["MEMBER"]
utils.make_random_account_id = lambda: member
main(["-H", "127.0.0.1", "-p", os.environ["MOTO_PORT"]])
