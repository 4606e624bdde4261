// One request at a time to URLs that somebody else named, by libcurl. Redirects are not followed, proxies of the
// environment not used, certificates are verified, and every address is asked of the rule when it is connected to,
// whatever name led there. Not thread-safe.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/webhooks/address_rule.h"

namespace tagswell {

class OutboundHttp {
 public:
  // The part of an answer that is kept; the rest is let go.
  static constexpr std::size_t kAnswerBytesMax = 64 * 1024;

  // The rule and `stop`, which ends what is under way, outlive it.
  OutboundHttp(const AddressRule& rule, const std::atomic<bool>& stop);
  ~OutboundHttp();
  OutboundHttp(const OutboundHttp&) = delete;
  OutboundHttp& operator=(const OutboundHttp&) = delete;

  // What the receiver answers, when that is 2xx within the time; else why not, in a few words.
  std::expected<std::string, std::string> Get(const std::string& url, const std::vector<std::string>& headers);
  std::expected<std::string, std::string> Post(const std::string& url, const std::vector<std::string>& headers,
                                               const std::string& body);

 private:
  struct Handle;
  std::expected<std::string, std::string> Exchange(const std::string& url, const std::vector<std::string>& headers,
                                                   const std::string* body);

  std::unique_ptr<Handle> handle_;
};

// Whether it is an http or https URL with a host and without a user.
bool IsHttpUrl(const std::string& url);

}  // namespace tagswell
