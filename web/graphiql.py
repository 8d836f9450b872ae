"""The GraphiQL page: its HTML and the content security policy it works under."""

_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Designer BFF: GraphiQL</title>
    <link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/static/graphiql/main.css">
    <link rel="stylesheet" href="/static/page.css">
    <script type="module" src="/static/graphiql/main.js"></script>
  </head>
  <body>
    <div id="graphiql"><p class="notice">GraphiQL is loading.</p></div>
    <noscript><p class="notice">GraphiQL needs JavaScript; the API does not.</p></noscript>
  </body>
</html>
"""

# Monaco writes style elements as it goes. A server opened as "localhost" may name its pictures by
# number, and the other way round.
_POLICY = (
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data: blob: http://127.0.0.1:* http://localhost:*",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)


def content_security_policy(image_origin: str | None = None) -> str:
    """The policy of the page, whose images may come from `image_origin` as well."""
    more = f" {image_origin}" if image_origin else ""
    return "; ".join(f"{rule}{more}" if rule.startswith("img-src") else rule for rule in _POLICY)


def page() -> str:
    """The HTML for `GET /graphql`; its parts lie under /static, and it posts to its own address."""
    return _PAGE
