"""A stand-in for the Hugging Face Hub: what huggingface_hub calls to make, fill, list and read repositories.

Large files go through the protocol of Git LFS, which huggingface_hub speaks where hf_xet is switched off.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import yaml

OWNER, READER, STRANGER = "hf_owner", "hf_reader", "hf_stranger"
"""Tokens: one that may write, one that may read private repositories, and one that is unknown."""
PAGE = 5
"""Files in a page of a listing."""
LARGE = (".parquet", ".tar", ".safetensors")


@dataclass
class Repository:
    private: bool
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)

    def add(self, files: dict[str, bytes]) -> str:
        before = self.commits[-1][1] if self.commits else {}
        number = hashlib.sha1(f"{len(self.commits)} {sorted(files)}".encode()).hexdigest()
        self.commits.append((number, {**before, **files}))
        return number


class Hub(ThreadingHTTPServer):
    """Repositories by (kind, name), and every request. `refuse` may answer a request with a status of its own."""

    daemon_threads = True
    owner, reader, stranger = OWNER, READER, STRANGER

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.stored: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.refuse: Callable[[str, str], int | None] = lambda method, path: None
        self.lock = threading.Lock()
        self.address = f"http://127.0.0.1:{self.server_port}"

    def files(self, name: str, kind: str = "datasets") -> dict[str, bytes]:
        return self.repositories[kind, name].commits[-1][1]

    def count(self, method: str, pattern: str) -> int:
        return sum(m == method and re.search(pattern, path) is not None for m, path in self.requests)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.answer()

    do_HEAD = do_POST = do_PUT = do_GET

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        path = unquote(url.path)
        with self.server.lock:
            self.server.requests.append((self.command, path))
            refused = self.server.refuse(self.command, path)
            if refused is not None:
                self.reply(refused, {"error": "refused by the test"})
                return
            self.route(path, {key: values[0] for key, values in parse_qs(url.query).items()}, body)

    def route(self, path: str, query: dict[str, str], body: bytes) -> None:
        if path.startswith("/lfs/"):  # as on the Hub, the address itself is the permission
            self.server.stored[path.removeprefix("/lfs/")] = body
            self.reply(200, {})
            return
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token == STRANGER:
            self.reply(401, {"error": "Invalid credentials in Authorization header"})
            return
        if path == "/api/validate-yaml":
            content = json.loads(body)["content"]
            matter = content.split("---\n")[1] if content.startswith("---\n") else ""
            valid = isinstance(yaml.safe_load(matter), dict)
            errors = [] if valid else [{"message": "no metadata"}]
            self.reply(200 if valid else 400, {"errors": errors, "warnings": []})
        elif path == "/api/repos/create":
            self.create(json.loads(body), token)
        elif match := re.fullmatch(r"/api/(datasets|models)/([^/]+/[^/]+)(?:/(\w+)(?:/(.*))?)?", path):
            self.of_repository(match[1], match[2], match[3] or "revision", match[4] or "main", query, body, token)
        elif match := re.fullmatch(r"/(datasets/)?([^/]+/[^/]+)\.git/info/lfs/objects/batch", path):
            self.batch(json.loads(body), token)
        elif match := re.fullmatch(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self.resolve("datasets" if match[1] else "models", match[2], match[3], match[4], token)
        else:
            self.reply(404, {"error": f"the stand-in does not know {self.command} {path}"})

    def create(self, wanted: dict[str, Any], token: str) -> None:
        name = f"{wanted['organization']}/{wanted['name']}"
        if token != OWNER:
            self.reply(403 if token else 401, {"error": f"You don't have the rights to create {name}"})
            return
        private = wanted.get("visibility") == "private" or wanted.get("private") is True
        repository = self.server.repositories[f"{wanted.get('type', 'model')}s", name] = Repository(private)
        repository.add({".gitattributes": b"*.parquet filter=lfs\n"})
        self.reply(200, {"url": f"{self.server.address}/{name}", "name": name})

    def find(self, kind: str, name: str, revision: str, token: str) -> tuple[Repository, str, dict[str, bytes]] | None:
        repository = self.server.repositories.get((kind, name))
        if repository is None or (repository.private and token not in (OWNER, READER)):
            self.reply(401, {"error": "Repository Not Found"}, {"X-Error-Code": "RepoNotFound"})
            return None
        for commit, files in reversed(repository.commits):
            if revision in ("main", commit):
                return repository, commit, files
        self.reply(404, {"error": f"Invalid rev id: {revision}"}, {"X-Error-Code": "RevisionNotFound"})
        return None

    def of_repository(
        self, kind: str, name: str, action: str, rest: str, query: dict[str, str], body: bytes, token: str
    ) -> None:
        revision = rest.split("/")[0]
        found = self.find(kind, name, revision, token)
        if found is None:
            return
        repository, commit, files = found
        if action == "revision":
            siblings = [{"rfilename": name} for name in files]
            self.reply(
                200, {"id": name, "sha": commit, "private": repository.private, "siblings": siblings, "tags": []}
            )
        elif action == "tree":
            start = int(query.get("cursor", 0))
            entries = self.below(files, rest.partition("/")[2], recursive=query.get("recursive", "").lower() == "true")
            more = {}
            if start + PAGE < len(entries):
                words = urlencode({**query, "cursor": start + PAGE})
                more = {"Link": f'<{self.server.address}/api/{kind}/{name}/tree/{rest}?{words}>; rel="next"'}
            self.reply(200, entries[start : start + PAGE], more)
        elif action == "paths-info":
            wanted = parse_qs(body.decode()).get("paths", []) if b"paths=" in body else json.loads(body)["paths"]
            self.reply(200, [entry for entry in self.below(files, "", recursive=True) if entry["path"] in wanted])
        elif token != OWNER:
            self.reply(403, {"error": "Forbidden: pass `create_pr=1` as a query parameter"})
        elif action == "preupload":
            answers = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(body)["files"]
            ]
            self.reply(200, {"files": answers})
        elif action == "commit":
            added = {}
            for line in map(json.loads, body.splitlines()):
                value = line["value"]
                if line["key"] == "file":
                    added[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    added[value["path"]] = self.server.stored[value["oid"]]
            number = repository.add(added)
            self.reply(200, {"commitUrl": f"{self.server.address}/{name}/commit/{number}", "commitOid": number})

    def below(self, files: dict[str, bytes], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
        """Files and folders below a folder."""
        top = f"{folder}/" if folder else ""
        folders = {
            "/".join(parts[:k])
            for parts in (name.split("/") for name in files)
            for k in range(1, len(parts))
            if "/".join(parts[:k]).startswith(top)
        }
        entries = [
            {"type": "directory", "path": path, "oid": blob(path.encode()), "size": 0} for path in sorted(folders)
        ]
        entries += [self.entry(path, files[path]) for path in sorted(files) if path.startswith(top)]
        return [e for e in entries if recursive or "/" not in e["path"].removeprefix(top)]

    def entry(self, path: str, data: bytes) -> dict[str, Any]:
        facts: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": blob(data)}
        if path.endswith(LARGE):
            digest = hashlib.sha256(data).hexdigest()
            facts["lfs"] = {"oid": digest, "size": len(data), "pointerSize": 130}
            facts["oid"] = blob(f"pointer to {digest}".encode())
        return facts

    def batch(self, wanted: dict[str, Any], token: str) -> None:
        if token != OWNER:
            self.reply(403, {"error": "Forbidden"})
            return
        objects = [
            {
                **one,
                **(
                    {}
                    if one["oid"] in self.server.stored
                    else {"actions": {"upload": {"href": f"{self.server.address}/lfs/{one['oid']}"}}}
                ),
            }
            for one in wanted["objects"]
        ]
        self.reply(200, {"transfer": "basic", "objects": objects})

    def resolve(self, kind: str, name: str, revision: str, path: str, token: str) -> None:
        found = self.find(kind, name, revision, token)
        if found is None:
            return
        _, commit, files = found
        if path not in files:
            self.reply(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound"})
            return
        data = files[path]
        etag = hashlib.sha256(data).hexdigest() if path.endswith(LARGE) else blob(data)
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        headers = {"X-Repo-Commit": commit, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.reply(206 if start else 200, data[start:], headers)

    def reply(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header(
            "Content-Type", "application/octet-stream" if isinstance(content, bytes) else "application/json"
        )
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def blob(data: bytes) -> str:
    """The hash that git gives a content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
