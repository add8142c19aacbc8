/// The page at "/": streams, and how to publish and watch. Nothing comes from elsewhere, and nothing is built.
package enum Page {
    /// Only what this server serves may run; nobody may frame the page.
    package static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// The document.
    package static let html = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Sluice</title>
        <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230b7285'/%3E%3Cpath d='M6 12c4-4 6 4 10 0s6 4 10 0M6 20c4-4 6 4 10 0s6 4 10 0' stroke='%23fff' stroke-width='3' fill='none' stroke-linecap='round'/%3E%3C/svg%3E">
        <link rel="stylesheet" href="/page.css">
        <script src="/page.js" defer></script>
        </head>
        <body>
        <header>
          <svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M6 12c4-4 6 4 10 0s6 4 10 0M6 20c4-4 6 4 10 0s6 4 10 0"/></svg>
          <h1>Sluice</h1>
          <p id="server" class="quiet" role="status">connecting…</p>
        </header>
        <main>
          <section aria-labelledby="streams-title">
            <h2 id="streams-title">Streams <span id="count" class="badge" hidden></span></h2>
            <div id="streams"></div>
            <p id="empty" class="hint" hidden>Nobody publishes yet. Start one with the lines below; it shows up here.</p>
          </section>
          <section aria-labelledby="publish-title">
            <h2 id="publish-title">Publish</h2>
            <div class="card">
              <dl id="publish"></dl>
              <p class="quiet">Any name will do: the word before the slash is the application, the one after it the stream.</p>
            </div>
          </section>
        </main>
        <footer class="quiet"><a href="/api/v1/streams">streams as JSON</a> · <a href="/api/v1/openapi.json">OpenAPI</a></footer>
        <noscript><p class="hint">This page reads <a href="/api/v1/streams">/api/v1/streams</a> with a script.</p></noscript>
        </body>
        </html>

        """#
}
