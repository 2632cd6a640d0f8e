"""Files that went through the server, either way; a test may read them, and a bot may fetch them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram.parameters import Parameters, Upload
from tests.fakes.telegram.refusal import Refusal, bad_request

#: Documentation, "getFile" and "Sending files": 20 MB down, 50 MB up.
LARGEST_DOWN, LARGEST_UP = 20 * 1024 * 1024, 50 * 1024 * 1024


@dataclass
class StoredFile:
    id: str
    path: str
    name: str
    kind: str
    content: bytes

    def as_json(self) -> dict[str, Any]:
        return {"file_id": self.id, "file_unique_id": f"unique-{self.id}", "file_size": len(self.content)}

    def as_file(self) -> dict[str, Any]:
        """Documentation, "File"."""
        return self.as_json() | {"file_path": self.path}


class Files:
    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}

    def keep(self, upload: Upload, folder: str) -> StoredFile:
        number = len(self.by_id)
        ending = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        stored = StoredFile(
            f"{folder}-{number}", f"{folder}/file_{number}.{ending}", upload.name, upload.kind, upload.content
        )
        self.by_id[stored.id] = stored
        return stored

    def given(self, given: Parameters, name: str, folder: str) -> StoredFile:
        """Client.cpp `get_input_file`: sent along, by `attach://`, or named by its id."""
        named = given.string(name)
        upload = given.uploads.get(named.removeprefix("attach://") if named.startswith("attach://") else name)
        if upload is not None:
            if not upload.content:
                raise bad_request("file must be non-empty")
            if len(upload.content) > LARGEST_UP:
                raise Refusal(413, "Request Entity Too Large")
            return self.keep(upload, folder)
        if not named:
            raise bad_request(f"there is no {name} in the request")
        if named.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        if named not in self.by_id:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self.by_id[named]

    def by_path(self, path: str) -> StoredFile | None:
        return next((stored for stored in self.by_id.values() if stored.path == path), None)
