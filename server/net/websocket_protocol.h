// A WebSocket on a connection that was upgraded. Frames of ours are never interleaved: one writer sends whole ones.
#pragma once

#include <memory>
#include <string_view>

#include "server/net/read_buffer.h"
#include "server/net/subscriber.h"
#include "server/net/websocket_frames.h"

namespace tagswell {

class WebSocketProtocol final : public Subscriber {
 public:
  // `early`: bytes that came behind the upgrade request.
  WebSocketProtocol(Connection& connection, std::unique_ptr<WebSocketHandler> handler, std::string_view early);

  void Start() override;
  std::span<char> ReadSpace() override;
  void OnRead(std::size_t bytes) override;
  void OnEnd() override { CloseNow("client"); }

 private:
  void AppendItems(const std::vector<Mailbox::Item>& items, std::string& out) override;
  void AppendEnd(CloseCode code, std::string_view reason, bool overflown, std::string& out) override;
  void AppendPing(std::string& out) override;
  void AfterEnd() override;
  void GoOnReading() override;
  bool AnswersPings() const override { return true; }

  void Process();
  bool OnEvent(WebSocketReader::Event event);  // false: stop reading for now
  void HandMessageOver();

  WebSocketHandler& socket_handler_;  // the same object as handler_
  ReadBuffer buffer_;
  WebSocketReader reader_;
  bool peer_ended_ = false;  // it sent its close frame, or nonsense: nothing more is read
};

}  // namespace tagswell
