// A blocking client on a plain socket, for tests: sends what it is told, byte for byte.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tagswell {

struct RawResponse {
  int status = 0;  // 0: the connection ended before a whole answer
  std::string head;
  std::string body;
  std::string Header(std::string_view name) const;  // any case; empty when absent
};

struct RawFrame {
  int opcode = -1;  // -1: the connection ended
  std::string payload;
  int CloseCode() const;
  std::string CloseReason() const { return payload.size() > 2 ? payload.substr(2) : std::string(); }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool Send(std::string_view bytes);  // all; false: the peer is gone
  void ShutdownSend();
  void SetReceiveBuffer(int bytes);
  RawResponse Receive(bool head_only = false);  // the next answer
  std::string ReceiveAll();                     // until the peer closes
  bool AtEnd();                                 // the peer closed and nothing is left
  // The peer closed or reset within this time. Reads nothing: an end behind bytes that wait is not seen.
  bool PeerLeft(std::chrono::milliseconds within);

  RawResponse Get(const std::string& target, const std::string& headers = "");
  RawResponse Post(const std::string& target, const std::string& body, const std::string& headers = "");

  // WebSocket.
  RawResponse Upgrade(const std::string& target, const std::string& headers = "");
  bool SendFrame(int opcode, std::string_view payload, bool fin = true, bool mask = true);
  RawFrame ReceiveFrame();
  RawFrame ReceiveData();  // skips pings and pongs

 private:
  bool Fill();

  int fd_ = -1;
  std::string buffer_;
};

}  // namespace tagswell
