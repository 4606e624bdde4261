// The ways out of HTTP: how a connection becomes a WebSocket or an event stream.
#include "server/net/http_protocol.h"
#include "server/net/problem.h"
#include "server/net/stream_protocol.h"
#include "server/net/websocket_frames.h"
#include "server/net/websocket_protocol.h"

namespace tagswell {
void HttpProtocol::BeginStream(Response response) {
  const bool chunked = !reader_.head().http_1_0;
  std::string& out = connection_.loop().scratch();
  out.clear();
  const ResponseHeadOptions options = {.date = connection_.loop().date(),
                                       .framing = chunked ? BodyFraming::kChunked : BodyFraming::kUntilClose,
                                       .close = true};
  AppendResponseHead(response, options, out);
  state_ = State::kOver;
  connection_.Write(out);
  connection_.Become(std::make_unique<StreamProtocol>(connection_, std::move(response.stream), chunked));
}

void HttpProtocol::AcceptWebSocket() {
  const RequestHead& head = reader_.head();
  if (head.websocket_version != "13") {
    Response response = Problem(426, "upgrade_required", "Only version 13 of WebSocket is spoken.");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return Answer(std::move(response));
  }
  if (!IsWebSocketKey(head.websocket_key) || head.http_1_0 || head.HasBody()) {
    return Answer(Problem(400, "bad_upgrade", "The WebSocket upgrade is malformed.", "Sec-WebSocket-Key"));
  }
  auto handler = match_.route->websocket(request_);
  if (!handler) return Answer(std::move(handler.error()));
  Observe(101);
  std::string out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  out += "Sec-WebSocket-Accept: " + WebSocketAccept(head.websocket_key) + "\r\n\r\n";
  state_ = State::kOver;
  connection_.Write(out);
  connection_.Become(std::make_unique<WebSocketProtocol>(connection_, std::move(*handler), buffer_.View()));
}

}  // namespace tagswell
