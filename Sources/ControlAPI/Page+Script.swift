extension Page {
    /// Reads the API every two seconds. Names come from strangers, so they enter the page as text, never as markup.
    package static let script = #"""
        "use strict";
        const $ = (id) => document.getElementById(id);

        function make(tag, className, ...content) {
          const element = document.createElement(tag);
          if (className) element.className = className;
          element.append(...content);
          return element;
        }

        function duration(seconds) {
          const s = Math.floor(seconds), two = (n) => String(n).padStart(2, "0");
          const clock = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
          const hours = Math.floor(s / 3600);
          return hours >= 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : hours ? `${hours}:${clock}` : clock;
        }

        const rate = (kbps) => kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${kbps} kbit/s`;
        const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

        function trackText(track) {
          const parts = [[track.codec, track.profile, track.level].filter(Boolean).join(" ")];
          if (track.width) parts.push(`${track.width}×${track.height}`);
          if (track.frameRate) parts.push(`${Math.round(track.frameRate * 100) / 100} fps`);
          if (track.sampleRate) parts.push(`${track.sampleRate / 1000} kHz`);
          if (track.channels) parts.push(["", "mono", "stereo"][track.channels] || `${track.channels} channels`);
          if (track.bitrateKbps) parts.push(rate(track.bitrateKbps));
          return parts.join(" · ");
        }

        function copyable(label, text) {
          const button = make("button", "", "copy");
          button.type = "button";
          button.setAttribute("aria-label", `copy ${label}`);
          const code = make("code", "", text);
          code.tabIndex = 0;
          button.addEventListener("click", async () => {
            try {
              await navigator.clipboard.writeText(text);
            } catch {
              // Without HTTPS a browser has no clipboard for us: select the text instead.
              getSelection().selectAllChildren(code);
              return;
            }
            button.textContent = "copied";
            setTimeout(() => { button.textContent = "copy"; }, 1200);
          });
          return [make("dt", "", label), make("dd", "", code, button)];
        }

        function rtmpAddress(server, path) {
          return `rtmp://${location.hostname}${server.rtmpPort === 1935 ? "" : `:${server.rtmpPort}`}/${path}`;
        }

        const stateText = { live: "live", waitingForPublisher: "waiting for a publisher", waitingForReturn: "publisher lost, waiting" };

        function facts(stream) {
          const items = stream.tracks.map(trackText);
          if (stream.gop) items.push(`GOP ${stream.gop.frames} frames, ${stream.gop.seconds.toFixed(1)} s`);
          const by = Object.entries(stream.viewers.protocols).filter(([, n]) => n > 0).map(([p, n]) => `${n} ${p}`);
          items.push(plural(stream.viewers.total, "viewer") + (by.length ? ` (${by.join(", ")})` : ""));
          if (stream.publisher) {
            items.push(`from ${stream.publisher.address}` + (stream.publisher.encoder ? ` (${stream.publisher.encoder})` : ""));
          }
          return items;
        }

        function card(server, name) {
          const path = name.split("/").map(encodeURIComponent).join("/");
          const state = make("span", "state"), uptime = make("span", "quiet"), list = make("ul", "facts"), watch = make("dl");
          // RTMP names are sent as they stand; HTTP paths are percent-encoded.
          if (server.rtmpPort) watch.append(...copyable("RTMP", rtmpAddress(server, name)));
          watch.append(...copyable("HTTP-FLV", `${location.origin}/${path}.flv`));
          const element = make("article", "card", make("div", "title", make("h3", "", name), state, uptime), list, watch);
          return {
            element,
            update(stream) {
              state.className = stream.state === "live" ? "state live" : "state";
              state.textContent = stateText[stream.state] || stream.state;
              uptime.textContent = duration(stream.uptimeSeconds);
              list.replaceChildren(...facts(stream).map((text) => make("li", "", text)));
            },
          };
        }

        // A card stays the same element while its stream lives, so that a selection in it survives.
        const cards = new Map();

        function showStreams(server, streams) {
          const names = new Set(streams.map((stream) => stream.name));
          for (const [name, shown] of cards) {
            if (!names.has(name)) { shown.element.remove(); cards.delete(name); }
          }
          streams.forEach((stream, index) => {
            let shown = cards.get(stream.name);
            if (!shown) cards.set(stream.name, shown = card(server, stream.name));
            shown.update(stream);
            const place = $("streams").children[index];
            if (place !== shown.element) $("streams").insertBefore(shown.element, place || null);
          });
          $("empty").hidden = streams.length > 0;
          $("count").hidden = streams.length === 0;
          $("count").textContent = streams.length;
        }

        let publishShown = null;

        function showServer(server) {
          $("server").textContent = `version ${server.version} · up ${duration(server.uptimeSeconds)}`;
          if (publishShown === server.rtmpPort) return;
          publishShown = server.rtmpPort;
          if (!server.rtmpPort) {
            $("publish").replaceChildren(make("dt", "", "RTMP is turned off on this server."));
            return;
          }
          const target = rtmpAddress(server, "live/show");
          $("publish").replaceChildren(
            ...copyable("OBS server", rtmpAddress(server, "live")),
            ...copyable("OBS stream key", "show"),
            ...copyable("FFmpeg", `ffmpeg -re -i FILE -c:v libx264 -preset veryfast -g 60 -c:a aac -f flv ${target}`),
            ...copyable("FFmpeg test", `ffmpeg -re -f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine -c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac -f flv ${target}`));
        }

        async function read(path) {
          const answer = await fetch(path);
          if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
          return answer.json();
        }

        async function refresh() {
          try {
            const [server, list] = await Promise.all([read("/api/v1/server"), read("/api/v1/streams")]);
            showServer(server);
            showStreams(server, list.streams);
          } catch {
            $("server").textContent = "the server does not answer";
          }
          setTimeout(refresh, document.hidden ? 10000 : 2000);
        }

        refresh();

        """#
}
