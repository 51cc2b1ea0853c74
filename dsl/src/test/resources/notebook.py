"""notebook.py KERNEL.JSON FOLDER: runs the cells that stand in standard input, parted by lines of %%, in a kernel of its own.
Prints a JSON list: for each cell its status and what it put out, [kind, text] each; kind is 'stdout', 'stderr' or a MIME type."""

import json
import sys

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

PATIENCE = 900

with open(sys.argv[1], encoding="utf-8") as file:
    spec = json.load(file)
manager = KernelManager()
manager._kernel_spec = KernelSpec(**spec)
with open(sys.argv[2] + "/kernel.log", "w", encoding="utf-8") as log:
    manager.start_kernel(cwd=sys.argv[2], stdout=log, stderr=log)
    client = manager.client()
    client.start_channels()
    cells = []
    try:
        client.wait_for_ready(timeout=PATIENCE)
        for code in sys.stdin.read().split("\n%%\n"):
            put = []

            def hear(message):
                content = message["content"]
                if message["msg_type"] == "stream":
                    put.append([content["name"], content["text"]])
                else:
                    put.extend([kind, str(text)] for kind, text in content.get("data", {}).items())

            reply = client.execute_interactive(code, output_hook=hear, timeout=PATIENCE, allow_stdin=False)
            cells.append({"status": reply["content"]["status"], "put": put})
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
print(json.dumps(cells))
