// An endless response body, chunked or until close: Server-Sent Events. The handler's frames are the event-stream text.
#pragma once

#include <array>

#include "server/net/subscriber.h"

namespace tagswell {

class StreamProtocol final : public Subscriber {
 public:
  StreamProtocol(Connection& connection, std::shared_ptr<StreamHandler> handler, bool chunked);

  void Start() override;
  std::span<char> ReadSpace() override { return discard_; }  // what a client says now is of no interest, its end is
  void OnRead(std::size_t) override { HeardFromPeer(); }
  void OnEnd() override { CloseNow("client"); }

 private:
  void AppendItems(const std::vector<Mailbox::Item>& items, std::string& out) override;
  void AppendEnd(CloseCode code, std::string_view reason, bool overflown, std::string& out) override;
  void AppendPing(std::string& out) override;
  void AfterEnd() override { connection_.Linger(); }
  bool AnswersPings() const override { return false; }
  void AppendChunkHead(std::size_t bytes, std::string& out) const;
  void AppendText(std::string_view text, std::string& out) const;

  const bool chunked_;
  std::array<char, 64> discard_;
};

}  // namespace tagswell
