// A GET whose answer has no end, taken piece by piece when the caller asks for more: what it does not ask for waits in
// the kernel, and then the sender waits too. By libcurl. Not thread-safe.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/client/http_client.h"
#include "server/client/interruption.h"

namespace tagswell {

class HttpStream {
 public:
  // As of an HttpClient.
  HttpStream(std::string url, const std::string& token, const Interruption& interruption,
             HttpClientOptions options = {});
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  // Asks, and waits for the head of the answer; what was open before is closed. With status 200 the body is for Read
  // to give; of any other status it is in the answer, and nothing is open. Errors: unreachable, bad_url, interrupted.
  std::expected<HttpAnswer, Error> Open(const std::string& target, std::vector<std::string> headers);

  // What has come, valid until the next call; waits for it as long as `patience`. Empty: nothing has.
  // Errors: unreachable (the server ended it, or the connection broke), interrupted.
  std::expected<std::string_view, Error> Read(std::chrono::milliseconds patience);

  void Close();

  const std::string& url() const { return url_; }

 private:
  struct Transfer;
  std::expected<void, Error> Step(std::chrono::milliseconds patience);

  std::string url_;
  std::string authorization_;
  const Interruption& interruption_;
  const HttpClientOptions options_;
  std::unique_ptr<Transfer> transfer_;
};

}  // namespace tagswell
