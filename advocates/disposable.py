"""Mail addresses that are thrown away after use, by the list that disposable-email-domains keeps."""

from disposable_email_domains import blocklist


def is_disposable(email: str) -> bool:
    """Whether the address is at one of those hosts, or at a host below one. Never for what is no address."""
    name, at_sign, host = email.strip().casefold().rpartition("@")
    if not (name and at_sign):
        return False
    labels = host.rstrip(".").split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))
