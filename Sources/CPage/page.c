#include "CPage.h"

// A file that is added to the folder gets its three lines and its row here; a test compares the two.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char api_js[] = {
#embed "page/api.js"
};
static const unsigned char base_css[] = {
#embed "page/base.css"
};
static const unsigned char buffer_js[] = {
#embed "page/buffer.js"
};
static const unsigned char card_js[] = {
#embed "page/card.js"
};
static const unsigned char clock_js[] = {
#embed "page/clock.js"
};
static const unsigned char dom_js[] = {
#embed "page/dom.js"
};
static const unsigned char embed_html[] = {
#embed "page/embed.html"
};
static const unsigned char embed_js[] = {
#embed "page/embed.js"
};
static const unsigned char help_js[] = {
#embed "page/help.js"
};
static const unsigned char hls_way_js[] = {
#embed "page/hls-way.js"
};
static const unsigned char icons_js[] = {
#embed "page/icons.js"
};
static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char list_css[] = {
#embed "page/list.css"
};
static const unsigned char list_js[] = {
#embed "page/list.js"
};
static const unsigned char live_way_js[] = {
#embed "page/live-way.js"
};
static const unsigned char mp4_js[] = {
#embed "page/mp4.js"
};
static const unsigned char native_way_js[] = {
#embed "page/native-way.js"
};
static const unsigned char pace_js[] = {
#embed "page/pace.js"
};
static const unsigned char player_css[] = {
#embed "page/player.css"
};
static const unsigned char player_js[] = {
#embed "page/player.js"
};
static const unsigned char playlist_js[] = {
#embed "page/playlist.js"
};
static const unsigned char preview_js[] = {
#embed "page/preview.js"
};
static const unsigned char qr_js[] = {
#embed "page/qr.js"
};
static const unsigned char rendition_js[] = {
#embed "page/rendition.js"
};
static const unsigned char session_js[] = {
#embed "page/session.js"
};
static const unsigned char sluice_svg[] = {
#embed "page/sluice.svg"
};
static const unsigned char sparkline_js[] = {
#embed "page/sparkline.js"
};
static const unsigned char stream_rate_js[] = {
#embed "page/stream-rate.js"
};
static const unsigned char watch_css[] = {
#embed "page/watch.css"
};
static const unsigned char watch_html[] = {
#embed "page/watch.html"
};
static const unsigned char watch_js[] = {
#embed "page/watch.js"
};
static const unsigned char words_js[] = {
#embed "page/words.js"
};
static const unsigned char xray_chart_js[] = {
#embed "page/xray-chart.js"
};
static const unsigned char xray_conversation_js[] = {
#embed "page/xray-conversation.js"
};
static const unsigned char xray_frames_js[] = {
#embed "page/xray-frames.js"
};
static const unsigned char xray_history_js[] = {
#embed "page/xray-history.js"
};
static const unsigned char xray_parameters_js[] = {
#embed "page/xray-parameters.js"
};
static const unsigned char xray_css[] = {
#embed "page/xray.css"
};
static const unsigned char xray_js[] = {
#embed "page/xray.js"
};
#pragma clang diagnostic pop

#define ROW(name, symbol) {name, symbol, sizeof symbol}

static const sluice_page_file files[] = {
    ROW("api.js", api_js),
    ROW("base.css", base_css),
    ROW("buffer.js", buffer_js),
    ROW("card.js", card_js),
    ROW("clock.js", clock_js),
    ROW("dom.js", dom_js),
    ROW("embed.html", embed_html),
    ROW("embed.js", embed_js),
    ROW("help.js", help_js),
    ROW("hls-way.js", hls_way_js),
    ROW("icons.js", icons_js),
    ROW("index.html", index_html),
    ROW("list.css", list_css),
    ROW("list.js", list_js),
    ROW("live-way.js", live_way_js),
    ROW("mp4.js", mp4_js),
    ROW("native-way.js", native_way_js),
    ROW("pace.js", pace_js),
    ROW("player.css", player_css),
    ROW("player.js", player_js),
    ROW("playlist.js", playlist_js),
    ROW("preview.js", preview_js),
    ROW("qr.js", qr_js),
    ROW("rendition.js", rendition_js),
    ROW("session.js", session_js),
    ROW("sluice.svg", sluice_svg),
    ROW("sparkline.js", sparkline_js),
    ROW("stream-rate.js", stream_rate_js),
    ROW("watch.css", watch_css),
    ROW("watch.html", watch_html),
    ROW("watch.js", watch_js),
    ROW("words.js", words_js),
    ROW("xray-chart.js", xray_chart_js),
    ROW("xray-conversation.js", xray_conversation_js),
    ROW("xray-frames.js", xray_frames_js),
    ROW("xray-history.js", xray_history_js),
    ROW("xray-parameters.js", xray_parameters_js),
    ROW("xray.css", xray_css),
    ROW("xray.js", xray_js),
};

size_t sluice_page_file_count(void) { return sizeof files / sizeof files[0]; }

sluice_page_file sluice_page_file_at(size_t index) { return files[index]; }
