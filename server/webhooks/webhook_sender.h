// One POST at a time to the receivers of webhooks, by libcurl. Redirects are not followed, proxies of the environment
// not used, certificates are verified, and every address is asked of the rule when it is connected to, whatever name
// led there. Not thread-safe.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "server/webhooks/address_rule.h"

namespace tagswell {

class WebhookSender {
 public:
  // The rule and `stop`, which ends what is under way, outlive the sender.
  WebhookSender(const AddressRule& rule, const std::atomic<bool>& stop);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  // Done when the receiver answers 2xx within the time; else why not, in a few words.
  std::expected<void, std::string> Post(const std::string& url, const std::vector<std::string>& headers,
                                        const std::string& body);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

// Whether it is an http or https URL with a host and without a user.
bool IsWebhookUrl(const std::string& url);

}  // namespace tagswell
