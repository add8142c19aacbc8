extension Page {
    /// Light and dark, as the reader's system says.
    package static let css = """
        :root {
          color-scheme: light dark;
          --ground: #f6f8f9; --card: #fff; --line: #dde4e8; --text: #16212a; --quiet: #5b6b77;
          --accent: #0b7285; --live: #2b8a3e; --wait: #b35c00; --code: #eef3f5;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #0f151a; --card: #182028; --line: #2a353f; --text: #e4ebf0; --quiet: #93a4b1;
            --accent: #3bc9db; --live: #69db7c; --wait: #ffc078; --code: #10171d;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; max-width: 60rem; padding: 1.5rem 1.25rem 3rem; background: var(--ground); color: var(--text);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        header { display: flex; align-items: center; gap: .75rem; flex-wrap: wrap; }
        header svg { width: 2.25rem; height: 2.25rem; }
        header rect { fill: #0b7285; }
        header path { fill: none; stroke: #fff; stroke-width: 3; stroke-linecap: round; }
        header p { margin: 0 0 0 auto; }
        h1 { font-size: 1.5rem; margin: 0; letter-spacing: -.01em; }
        h2 { font-size: 1.05rem; margin: 2rem 0 .75rem; }
        h3 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
        a { color: var(--accent); }
        .quiet { color: var(--quiet); font-size: .875rem; }
        .badge { background: var(--accent); color: var(--ground); border-radius: 1rem; padding: .05rem .55rem; font-size: .8rem; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.15rem; margin-bottom: .75rem; }
        .card > :last-child { margin-bottom: 0; }
        .hint { border: 1px dashed var(--line); border-radius: .75rem; padding: 1.25rem; text-align: center; color: var(--quiet); }
        .title { display: flex; align-items: baseline; gap: .6rem; flex-wrap: wrap; }
        .title .quiet { margin-left: auto; font-variant-numeric: tabular-nums; }
        .state { font-size: .8rem; color: var(--wait); white-space: nowrap; }
        .state::before { content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; background: currentColor; margin-right: .35rem; }
        .state.live { color: var(--live); }
        ul.facts { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; padding: 0; margin: .6rem 0 .8rem; font-size: .9rem; font-variant-numeric: tabular-nums; }
        dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: .4rem .9rem; align-items: center; }
        dt { color: var(--quiet); font-size: .875rem; }
        dd { margin: 0; display: flex; gap: .4rem; min-width: 0; }
        code { flex: 1; min-width: 0; background: var(--code); border-radius: .4rem; padding: .3rem .6rem; font: .85rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        button { font: inherit; font-size: .8rem; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: .4rem; padding: 0 .6rem; cursor: pointer; }
        button:hover { border-color: var(--accent); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        footer { margin-top: 2.5rem; }
        @media (max-width: 34rem) {
          dl { grid-template-columns: 1fr; gap: .15rem; }
          dd { margin-bottom: .5rem; }
          .title .quiet, header p { margin-left: 0; }
        }

        """
}
