"""Price quotes of folders: being measured, waiting for a yes, and how they ended."""

from __future__ import annotations

import functools

import streamlit as st

from dashboard import frame, markup, tables, words
from dashboard.answers import FolderEstimate, StoredPrice
from dashboard.api_client import ApiClient

WHY = (
    "For so many documents you get a price quote first: some of them, drawn at random, are read, and the price of the "
    "rest is told by what they took. They would be read anyway and are not read again. Nothing else is read or paid "
    "before you confirm the quote."
)
MOST_OPEN, MOST_PAST = 10, 50
STATUS = {
    "sampling": "A sample is being read",
    "ready": "Waits for your yes",
    "expired": "Too old",
    "confirmed": "Confirmed",
}
COLOR = {"sampling": "blue", "ready": "orange", "expired": "gray", "confirmed": "green"}


def show_open(api: ApiClient) -> None:
    """Those that can be confirmed, or will be."""
    found = api.quotes(MOST_OPEN, only_open=True).estimates
    if found:
        st.subheader("Price quotes", anchor=False)
    for each in found:
        _card(api, each)


def _card(api: ApiClient, quote: FolderEstimate) -> None:
    with st.container(border=True, key=f"quote-{quote.id}", gap="xsmall"):
        frame.html(markup.headline(quote.name))
        chip = markup.chip(words.label(STATUS, quote.status), COLOR.get(quote.status, "gray"))
        frame.html(markup.chips(chip))
        if quote.price is None:
            frame.html(markup.meter(tables.progress(quote.sample_read, quote.sample_documents)))
            drawn = words.count(quote.sample_documents, "document")
            sample = f"{words.count(quote.sample_read)} of {drawn} of the sample"
            frame.html(markup.meta(sample, words.count(quote.listing.new, "new document"), "the price follows"))
            return
        price, dollars = quote.price, words.dollars
        frame.html(
            markup.figures(
                [
                    ("Quote", dollars(price.usd), between(price)),
                    ("of it computers", dollars(price.machine_usd), f"about {words.duration(3600 * price.hours)}"),
                    ("of it Claude", dollars(price.claude_usd), words.count(price.documents, "document")),
                    ("Pages, about", words.count(price.pages), "by what the sample had"),
                    ("The sample cost", dollars(quote.sample_usd), words.count(quote.sample_documents, "document")),
                ]
            )
        )
        action = functools.partial(api.confirm_quote, quote.id)
        label = f"Confirm and read {words.count(price.documents, 'document')}"
        frame.button(label, "check", action, "The batch has started.", key=f"confirm-{quote.id}", type="primary")


def between(price: StoredPrice) -> str:
    """The interval in words."""
    low, high = words.dollars(price.low_usd), words.dollars(price.high_usd)
    return f"nine of ten end between {low} and {high}"


def show_past(api: ApiClient) -> None:
    """How often the interval held, and each quote with what its batch cost beside it."""
    found = api.quotes(MOST_PAST)
    st.subheader("Price quotes", anchor=False)
    confirmed = [each for each in found.estimates if each.batch_id]
    if not confirmed:
        frame.empty("No price quote was confirmed yet", "Ask for one under Batches, before a large folder is read.")
        return
    if found.ended:
        held = f"{words.count(found.held)} of {words.count(found.ended, 'folder')}"
        frame.html(
            markup.figures(
                [
                    ("Ended within the quote", held, "nine of ten are meant to"),
                    ("Cost more", words.count(found.above), "than the quote's upper end"),
                ]
            )
        )
    st.dataframe(tables.quote_rows(confirmed), hide_index=True)
