"""A TCP proxy whose cable can be pulled."""

import selectors
import socket
import threading


class Proxy:
    """Forwards a free port of the loopback interface to another port, unless it is cut."""

    def __init__(self, port):
        self.target, self.pairs, self.is_cut = port, {}, False
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.is_running = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def cut(self):
        """Ends every connection and takes no other."""
        with self.lock:
            self.is_cut = True
            for one in list(self.pairs):
                self._drop(one)

    def mend(self):
        with self.lock:
            self.is_cut = False

    def close(self):
        self.is_running = False
        self.thread.join(5)
        self.cut()
        self.listener.close()

    def _run(self):
        while self.is_running:
            for key, _ in self.selector.select(0.1):
                with self.lock:
                    if key.fileobj is self.listener:
                        self._accept()
                    elif key.fileobj in self.pairs:
                        self._forward(key.fileobj)

    def _accept(self):
        client, _ = self.listener.accept()
        if self.is_cut:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.settimeout(5)
            self.pairs[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def _forward(self, one):
        try:
            data = one.recv(1 << 16)
            if data:
                self.pairs[one].sendall(data)
                return
        except OSError:
            pass
        self._drop(one)

    def _drop(self, one):
        other = self.pairs.get(one)
        for end in (one, other):
            if end is not None and self.pairs.pop(end, None) is not None:
                self.selector.unregister(end)
                end.close()
