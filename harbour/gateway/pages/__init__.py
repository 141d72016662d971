"""The page `/` and its files: read once at start, served from memory under addresses that name their content."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from harbour.gateway.words import Words

FOLDER = Path(__file__).parent
ASSETS = ("chat.css", "render.js", "chat.js", "vendor/socket.io.min.js")
FOREVER = "public, max-age=31536000, immutable"


class Asset:
    """One file: its bytes, its type, and an address that changes when it does."""

    def __init__(self, name: str) -> None:
        self.body = (FOLDER / name).read_bytes()
        self.version = hashlib.sha256(self.body).hexdigest()[:16]
        self.media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.url = f"/assets/{name}?v={self.version}"


class Pages:
    """The page for visitors, rendered once: nothing in it depends on who asks."""

    def __init__(self, words: Words) -> None:
        self.assets = {name: Asset(name) for name in ASSETS}
        environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
        self.page = environment.get_template("index.html").render(
            assets={name: asset.url for name, asset in self.assets.items()},
            countries=words.contacts(),
            default=words.default,
        )

    def routes(self) -> list[Route]:
        return [Route("/", self.index), Route("/assets/{name:path}", self.asset)]

    async def index(self, request: Request) -> HTMLResponse:
        return HTMLResponse(self.page, headers={"Cache-Control": "no-cache"})

    async def asset(self, request: Request) -> Response:
        asset = self.assets.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("Not found\n", status_code=404)
        current = request.query_params.get("v") == asset.version
        caching = FOREVER if current else "no-cache"
        return Response(asset.body, media_type=asset.media_type, headers={"Cache-Control": caching})
