"""What the archive has learned about addresses: parameters that mean nothing on their host.

A list of tracking parameters never knows the next site's. Where the same text came three times at two
addresses of one host that differ in one parameter, and never different texts, the parameter is left out
of further addresses of that host; the first different text unlearns it for good (decision note 0023).
"""

from __future__ import annotations

from dataclasses import replace

from tocsin.archive.store import Store
from tocsin.dedup import Keys
from tocsin.urls import canonical, differing_parameter, host, without

ENOUGH = 3  # pairs of addresses with the same text
SAMPLE = 5000  # addresses of a host that are looked at before something is learned


class Addresses(Store):
    """Meaningless parameters by host."""

    def meaningless(self, of_host: str) -> frozenset[str]:
        """The parameters that name nothing on a host."""
        sql = "SELECT param FROM host_param WHERE host = ? AND equal >= ? AND other = 0"
        return frozenset(row["param"] for row in self.query(sql, [of_host, ENOUGH]))

    def _with_learned(self, keys: Keys) -> Keys:
        """The same keys, and the address without what means nothing on its host."""
        url = keys.url_key.removeprefix("u:")
        if "?" not in url or " " in url:
            return keys
        short = without(url, self.meaningless(host(url)))
        return keys if short == url else replace(keys, learned_key=f"u:{short}")

    def _learn(self, keys: Keys) -> None:
        """Compare the address of a text that is stored already with the other addresses of that text."""
        url = keys.url_key.removeprefix("u:")
        if keys.stub or " " in url:
            return
        for row in self.query("SELECT url FROM article WHERE text_hash = ? ORDER BY id LIMIT 5", [keys.text_hash]):
            param = differing_parameter(url, canonical(row["url"]))
            if param is not None:
                self._count(host(url), param)
                return

    def _count(self, of_host: str, param: str) -> None:
        self.execute(
            """INSERT INTO host_param (host, param, equal) VALUES (?, ?, 1)
            ON CONFLICT (host, param) DO UPDATE SET equal = equal + 1""",
            [of_host, param],
        )
        sql = "SELECT equal FROM host_param WHERE host = ? AND param = ? AND other = 0"
        if self.value(sql, [of_host, param]) == ENOUGH:
            self._adopt(of_host, param)

    def _adopt(self, of_host: str, param: str) -> None:
        """Give the known addresses of a host their short form, unless two texts would share one."""
        rows = self.query(
            """SELECT n.key, n.article, coalesce(a.copy_of, a.id) AS root
            FROM name n JOIN article a ON a.id = n.article
            WHERE n.key >= ? AND n.key < ? ORDER BY n.article DESC LIMIT ?""",
            [f"u:https://{of_host}/", f"u:https://{of_host}0", SAMPLE],
        )
        shorts: dict[str, tuple[int, int]] = {}
        for row in rows:
            key = f"u:{without(row['key'][2:], frozenset({param}))}"
            if shorts.setdefault(key, (row["root"], row["article"]))[0] != row["root"]:
                self._unlearn(of_host, param)
                return
        names = [(key, article) for key, (_, article) in shorts.items()]
        self.executemany("INSERT OR IGNORE INTO name (key, article) VALUES (?, ?)", names)

    def _doubt(self, keys: Keys) -> None:
        """A short address led to another text: what was left out of it means something after all."""
        url = keys.url_key.removeprefix("u:")
        for param in self.meaningless(host(url)):
            if without(url, frozenset({param})) != url:
                self._unlearn(host(url), param)

    def _unlearn(self, of_host: str, param: str) -> None:
        self.execute("UPDATE host_param SET other = other + 1 WHERE host = ? AND param = ?", [of_host, param])
