#include "server/net/websocket_protocol.h"

#include <algorithm>
#include <cstring>
#include <exception>

#include "server/logging.h"

namespace tagswell {
namespace {

constexpr std::size_t kBufferBytes = 1024;  // most subscribers only ever send pongs
constexpr std::size_t kBufferBytesMax = 64 * 1024;
constexpr std::size_t kPongBytesMax = 4 * 1024;  // of pongs that wait: more pings than that go unanswered

}  // namespace

WebSocketProtocol::WebSocketProtocol(Connection& connection, std::unique_ptr<WebSocketHandler> handler,
                                     std::string_view early)
    : Subscriber(connection, std::move(handler)),
      socket_handler_(static_cast<WebSocketHandler&>(*handler_)),
      buffer_(std::max(kBufferBytes, early.size()), std::max(kBufferBytesMax, early.size())),
      reader_(limits_.message_bytes_max) {
  std::ranges::copy(early, buffer_.Space().begin());
  buffer_.Commit(early.size());
}

void WebSocketProtocol::Start() {
  Subscriber::Start();
  Process();
  Flush();
  connection_.Read();
}

std::span<char> WebSocketProtocol::ReadSpace() {
  if (peer_ended_ || mailbox_->ReadingPaused()) return {};
  return buffer_.Space();
}

void WebSocketProtocol::OnRead(std::size_t bytes) {
  HeardFromPeer();
  buffer_.Commit(bytes);
  Process();
  Flush();
}

void WebSocketProtocol::GoOnReading() {
  if (mailbox_->ReadingPaused() || peer_ended_) return;
  Process();
  Flush();
  connection_.Read();
}

void WebSocketProtocol::Process() {
  while (!peer_ended_ && !connection_.Closed() && !mailbox_->ReadingPaused()) {
    const std::string_view all = buffer_.View();
    std::string_view left = all;
    const WebSocketReader::Event event = reader_.Next(left);
    buffer_.Consume(all.size() - left.size());
    if (!OnEvent(event)) return;
  }
}

bool WebSocketProtocol::OnEvent(WebSocketReader::Event event) {
  switch (event) {
    case WebSocketReader::Event::kNeedMore:
      return false;
    case WebSocketReader::Event::kMessage:
      HandMessageOver();
      return true;
    case WebSocketReader::Event::kPong:
      return true;
    case WebSocketReader::Event::kPing:
      if (!ended() && urgent().size() < kPongBytesMax) {
        AppendFrameHead(WebSocketOpcode::kPong, reader_.control_payload().size(), urgent());
        urgent() += reader_.control_payload();
      }
      return true;
    case WebSocketReader::Event::kClose:
      peer_ended_ = true;
      if (!ended()) {
        End(reader_.close_code(), {}, "client");
      } else if (!connection_.Writing()) {
        connection_.Linger();
      }
      return false;
    case WebSocketReader::Event::kError:
      peer_ended_ = true;
      if (!ended()) {
        End(reader_.close_code(), reader_.error(), "protocol");
      } else if (!connection_.Writing()) {
        connection_.Linger();
      }
      return false;
  }
  return false;
}

void WebSocketProtocol::HandMessageOver() {
  std::string message = reader_.TakeMessage();
  if (ended()) return;
  try {
    socket_handler_.OnMessage(std::move(message), reader_.message_is_text());
  } catch (const std::exception& e) {
    Log(LogLevel::kError, "a WebSocket handler threw", {{"what", e.what()}});
    End(CloseCode::kInternal, "internal error", "server");
  }
}

void WebSocketProtocol::AppendItems(const std::vector<Mailbox::Item>& items, std::string& out) {
  for (const Mailbox::Item& item : items) {
    AppendFrameHead(item.kind == FrameKind::kText ? WebSocketOpcode::kText : WebSocketOpcode::kBinary,
                    item.frame->size(), out);
    out += *item.frame;
  }
}

void WebSocketProtocol::AppendEnd(CloseCode code, std::string_view reason, bool, std::string& out) {
  AppendCloseFrame(code, reason, out);
}

void WebSocketProtocol::AppendPing(std::string& out) {
  AppendFrameHead(WebSocketOpcode::kPing, 0, out);
}

void WebSocketProtocol::AfterEnd() {
  if (peer_ended_) connection_.Linger();
}

}  // namespace tagswell
