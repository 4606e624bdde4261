// HTTP on a connection: one request after the other, each answered before the next is read; pipelined ones wait in the
// buffer. All on the loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/clock.h"
#include "server/net/chunk_reader.h"
#include "server/net/connection.h"
#include "server/net/ip_address.h"
#include "server/net/patience.h"
#include "server/net/read_buffer.h"
#include "server/net/request_body.h"
#include "server/net/request_reader.h"
#include "server/net/response_head.h"
#include "server/net/router.h"

namespace tagswell {

class HttpProtocol final : public Protocol {
 public:
  explicit HttpProtocol(Connection& connection);

  void Start() override;
  std::span<char> ReadSpace() override;
  void OnRead(std::size_t bytes) override;
  void OnEnd() override;
  void OnWritten() override;
  void OnWake() override;
  void OnTick() override;
  void OnDrain() override;
  void OnClosed() override {}

 private:
  enum class State : unsigned char { kHead, kBody, kHandling, kWriting, kDropping, kOver };

  void Run();       // goes on until bytes, a reply or the socket must be waited for
  bool StepHead();  // each: false when it has to wait
  bool StepBody();
  bool StepDropping();
  std::expected<bool, HttpFault> ReadBody();  // true: it is whole
  void BeginHead();
  void BeginRequest();
  std::expected<void, Response> Admit(std::string_view path, std::string_view query);  // fills request_ and match_
  std::expected<void, Response> Check(std::string_view path, std::string_view query);  // all but Host and limits
  std::expected<void, HttpFault> BeginBody();
  void Handle();
  void AcceptWebSocket();
  void Answer(Response response);
  void BeginStream(Response response);
  void AnswerUnread(Response response);  // reads past the body, then goes on with the next request
  void Refuse(const HttpFault& fault);   // answers, then ends the connection: what follows cannot be trusted
  void NextRequest();
  void Observe(int status);
  bool OriginAllowed() const;
  void LetPageRead(Response& response) const;
  IpAddress ClientAddress() const;               // of the connection's peer, or whom a trusted proxy speaks for
  std::expected<void, Response> MayAsk() const;  // as to its Host, and its limits

  Connection& connection_;
  ServerShared& shared_;
  const ServerLimits& limits_;
  State state_ = State::kHead;
  ReadBuffer buffer_;
  RequestReader reader_;
  ChunkReader chunks_;
  RequestBody body_;
  Request request_;
  Router::Match match_;
  std::string page_origin_;  // that asks, where it is one of allowed_origins
  Stopwatch since_head_;
  std::uint64_t deadline_ = 0;  // tick at which waiting for a head ends
  Patience body_patience_;
  bool head_begun_ = true;    // the head has its deadline; the first one from the connection's start on
  bool close_after_ = false;  // no request follows this one
  bool in_place_ = false;     // the read under way goes into the body itself
  bool body_unread_ = false;  // the request's body is still on the wire
  bool dropping_ = false;     // and is read past behind the answer
};

}  // namespace tagswell
