// What WebSockets and event streams share: a mailbox whose frames go out, coalesced, through one writer.
// All on the loop's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/connection.h"
#include "server/net/route.h"

namespace tagswell {

class Subscriber : public Protocol {
 public:
  Subscriber(Connection& connection, std::shared_ptr<StreamHandler> handler);
  ~Subscriber() override;

  void Start() override;
  void OnWritten() override;
  void OnWake() override;
  void OnTick() override;
  void OnDrain() override;
  void OnClosed() override;

 protected:
  // Appends one or more messages as they go over the wire.
  virtual void AppendItems(const std::vector<Mailbox::Item>& items, std::string& out) = 0;
  virtual void AppendEnd(CloseCode code, std::string_view reason, bool overflown, std::string& out) = 0;
  virtual void AppendPing(std::string& out) = 0;
  virtual void AfterEnd() = 0;   // all is out, the end included
  virtual void GoOnReading() {}  // it may have been resumed
  virtual bool AnswersPings() const = 0;

  // Says goodbye behind what is queued; nothing more is taken in. `why` is one of the observer's reasons.
  void End(CloseCode code, std::string_view reason, std::string_view why);
  void Flush();
  void CloseNow(std::string_view why);
  std::string& urgent() { return urgent_; }  // whole frames that go before what is queued
  bool ended() const { return ending_ || ended_; }
  void HeardFromPeer();

  Connection& connection_;
  const ServerLimits& limits_;
  const std::shared_ptr<StreamHandler> handler_;
  std::shared_ptr<Mailbox> mailbox_;

 private:
  void Written();
  void AbortNow(std::string_view why);

  Mailbox::Taken taken_;
  std::string urgent_;
  std::size_t payload_out_ = 0;  // bytes of the mailbox in the write under way
  std::string_view why_ = "client";
  bool ending_ = false;         // End was called
  bool ended_ = false;          // the end is written, or being written: nothing follows
  std::uint64_t deadline_ = 0;  // tick at which the end is cut short; 0: none
  std::uint64_t heard_ = 0;     // tick of the peer's last sign of life
  std::uint64_t pinged_ = 0;
  std::uint64_t write_since_ = 0;
};

}  // namespace tagswell
