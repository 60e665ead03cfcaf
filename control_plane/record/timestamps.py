"""Time stamps of heads by an RFC 3161 authority, where one is set (wire)."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace

import httpx
from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from control_plane.database.record_rows import Head
from control_plane.settings import Settings

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 20.0
TYPES = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}


def stamp(head: Head, settings: Settings) -> Head:
    """The head with the authority's answer about its statement; without one where that is away or says something wrong.

    A head that cannot be stamped today is sent without: the next one covers all that it did.
    """
    if settings.record_timestamp_url is None or settings.record_timestamp_ca_file is None:
        return head
    message = head.statement.encode()
    request = TimestampRequestBuilder().data(message).build()
    try:
        reply = httpx.post(
            settings.record_timestamp_url,
            content=request.as_bytes(),
            headers=TYPES, timeout=TIMEOUT_SECONDS,
        ).raise_for_status()  # fmt: skip
        answer = decode_timestamp_response(reply.content)
        builder = VerifierBuilder.from_request(request)
        for certificate in load_pem_x509_certificates(settings.record_timestamp_ca_file.read_bytes()):
            builder = builder.add_root_certificate(certificate)
        builder.build().verify_message(answer, message)
    except (httpx.HTTPError, OSError, ValueError, VerificationError) as error:
        log.warning("head not time-stamped", extra={"code": type(error).__name__})
        return head
    return replace(head, timestamp_token=base64.b64encode(reply.content).decode())
