"""Signed HTTP requests of any shape: what boto3 refuses to send, and what a forger would.

The signature is made here, after the published recipe (Signature Version 4), because a test must be free in its time, scope and path."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import http.client
import json
import ssl
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass
class Request:
    """What goes over the wire; a test may alter any part after signing."""

    url: str
    method: str
    target: str
    body: bytes = b""
    headers: Dict[str, str] = field(default_factory=dict)


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> str:
        return self.headers.get("x-amzn-errortype", "").split(":")[0]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Signer:
    """Signs for one account, service and moment."""

    key_id: str
    secret: str
    region: str
    service: str = "iot"
    token: Optional[str] = None
    at: Optional[datetime.datetime] = None

    def _moment(self) -> str:
        return (self.at or datetime.datetime.now(datetime.timezone.utc)).strftime("%Y%m%dT%H%M%SZ")

    def _scope(self, moment: str) -> str:
        return f"{moment[:8]}/{self.region}/{self.service}/aws4_request"

    def _signature(self, moment: str, canonical_request: str) -> str:
        digest = hashlib.sha256(canonical_request.encode()).hexdigest()
        key = f"AWS4{self.secret}".encode()
        for part in self._scope(moment).split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = "\n".join([ALGORITHM, moment, self._scope(moment), digest])
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def add_headers(self, request: Request) -> Request:
        """Signs with an Authorization header."""
        moment = self._moment()
        request.headers["X-Amz-Date"] = moment
        if self.token:
            request.headers["X-Amz-Security-Token"] = self.token
        named = {key.lower(): value.strip() for key, value in request.headers.items()}
        names = ";".join(sorted(named))
        payload = hashlib.sha256(request.body).hexdigest()
        signature = self._signature(moment, _canonical(request, named, names, payload))
        request.headers["Authorization"] = (
            f"{ALGORITHM} Credential={self.key_id}/{self._scope(moment)}, SignedHeaders={names}, Signature={signature}"
        )
        return request

    def add_query(self, request: Request, seconds: int, token_after: bool = False) -> Request:
        """Signs in the query; `token_after` appends the session token unsigned, as the device SDKs do."""
        moment = self._moment()
        fields = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.key_id}/{self._scope(moment)}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        token = {"X-Amz-Security-Token": self.token} if self.token else {}
        _append(request, fields if token_after else {**fields, **token})
        payload = hashlib.sha256(request.body).hexdigest()
        named = {"host": request.headers["Host"]}
        signature = self._signature(moment, _canonical(request, named, "host", payload))
        _append(request, {"X-Amz-Signature": signature, **(token if token_after else {})})
        return request


def _append(request: Request, fields: Mapping[str, str]) -> None:
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in fields.items())
    request.target += ("&" if "?" in request.target else "?") + query


def _canonical(request: Request, headers: Mapping[str, str], names: str, payload: str) -> str:
    path, _, query = request.target.partition("?")
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(query, keep_blank_values=True))
    return "\n".join(
        [
            request.method,
            quote(path, safe="/-_.~"),
            "&".join(f"{key}={value}" for key, value in pairs),
            *(f"{name}:{headers[name]}" for name in names.split(";")),
            "",
            names,
            payload,
        ]
    )


def signer(endpoints: Mapping[str, Any], **overrides) -> Signer:
    own = {"key_id": endpoints["accessKeyId"], "secret": endpoints["secretAccessKey"], "region": endpoints["region"]}
    return Signer(**{**own, **overrides})


def request(endpoints: Mapping[str, Any], method: str, target: str, body: bytes = b"", listener: str = "api") -> Request:
    """An unsigned request to the API port, or to the listener of that name."""
    url = endpoints[listener]
    return Request(url, method, target, body, {"Host": urlsplit(url).netloc})


def signed_request(endpoints: Mapping[str, Any], method: str, target: str, body: bytes = b"", **options) -> Request:
    return signer(endpoints, **options).add_headers(request(endpoints, method, target, body))


def send(endpoints: Mapping[str, Any], made: Request) -> Answer:
    url = urlsplit(made.url)
    if url.scheme == "https":
        trust = ssl.create_default_context(cafile=endpoints["caFile"])
        connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=20, context=trust)
    else:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    try:
        connection.request(made.method, made.target, made.body, made.headers)
        response = connection.getresponse()
        return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def signed(endpoints: Mapping[str, Any], method: str, target: str, body: bytes = b"", **options) -> Answer:
    return send(endpoints, signed_request(endpoints, method, target, body, **options))
