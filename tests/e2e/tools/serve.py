"""ministack, for as long as the test that started it lives.

Standard input is held open by the test; when it closes, however the test ended, the server ends too.
"""

import os
import signal
import sys
import threading


def end_with_the_test():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_the_test, daemon=True).start()
sys.argv = ["ministack"]

from ministack.app import main  # noqa: E402  (it reads the environment when imported)

main()
