#include "server/fasp/fasp.h"

#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "proto/json_writer.h"
#include "server/fasp/ed25519.h"
#include "server/fasp/registration.h"
#include "server/fasp/signed_exchange.h"
#include "server/net/access.h"
#include "server/webhooks/outbound_http.h"

namespace tagswell {
namespace {

constexpr std::size_t kWaitingMax = 8;

// Ours for a server: no secret, but nobody else's.
std::string DrawId() {
  unsigned char bytes[16];
  RAND_bytes(bytes, sizeof bytes);
  return Sha256Hex({reinterpret_cast<const char*>(bytes), sizeof bytes}).substr(0, 16);
}

std::unexpected<Error> Failed(const std::string& url, const std::string& why) {
  return std::unexpected(Error{"registration_failed", url + ": " + why + ".", "server"});
}

std::unexpected<Error> NotFound() {
  return std::unexpected(Error{"not_found", "There is no such server."});
}

class SigningSink final : public ReplySink {
 public:
  SigningSink(std::string keyid, std::string private_key, const Clock& clock, Reply reply)
      : keyid_(std::move(keyid)), private_key_(std::move(private_key)), clock_(clock), reply_(std::move(reply)) {}

  void Deliver(Response response) override {
    SignResponse(keyid_, private_key_, clock_.Now(), response);
    reply_(std::move(response));
  }

 private:
  const std::string keyid_;
  const std::string private_key_;
  const Clock& clock_;
  Reply reply_;
};

}  // namespace

Fasp::Fasp(FaspOptions options, Pipeline& pipeline, const Clock& clock)
    : options_(std::move(options)), pipeline_(pipeline), clock_(clock), registrar_("fasp", kWaitingMax) {}

Fasp::~Fasp() {
  Stop();
}

std::expected<void, Error> Fasp::Start() {
  auto all = pipeline_.store().fasp().All();
  if (!all) return std::unexpected(all.error());
  const std::lock_guard lock(mutex_);
  servers_ = std::move(*all);
  return {};
}

void Fasp::Stop() {
  stopping_ = true;
  registrar_.Stop();
}

std::expected<void, Error> Fasp::MayRegister(const std::string& url) const {
  const std::lock_guard lock(mutex_);
  if (servers_.size() >= kServersMax)
    return std::unexpected(
        Error{"too_many_servers", "At most " + std::to_string(kServersMax) + " servers may be there.", "server"});
  if (std::ranges::any_of(servers_, [&url](const auto& known) { return known.second.url == url; }))
    return std::unexpected(
        Error{"already_registered", "This server is there. Remove it first, to register anew.", "server"});
  return {};
}

std::expected<FaspServer, Error> Fasp::Ask(const Wish& wish, const std::string& id) const {
  OutboundHttp http(options_.addresses, stopping_);
  const std::vector<std::string> headers = {"Accept: application/json", "User-Agent: tagswell"};
  std::string base_url = wish.base_url;
  if (base_url.empty()) {
    const std::string well_known = wish.url + "/.well-known/nodeinfo";
    const auto links = http.Get(well_known, headers);
    if (!links) return Failed(well_known, links.error());
    const auto url = NodeInfoUrl(*links);
    if (!url) return Failed(well_known, url.error());
    const auto node = http.Get(*url, headers);
    if (!node) return Failed(*url, node.error());
    auto told = FaspBaseUrl(*node);
    if (!told) return Failed(*url, told.error());
    base_url = std::move(*told);
  }
  std::string private_key = NewEd25519Key();
  std::vector<std::string> posting = headers;
  posting.insert(posting.end(), {"Content-Type: application/json", "Expect:"});
  const std::string registration = base_url + "/registration";
  const auto answer = http.Post(
      registration, posting, RegistrationRequest(options_.name, options_.BaseUrl(), id, Ed25519PublicKey(private_key)));
  if (!answer) return Failed(registration, answer.error());
  auto parsed = ParseRegistrationAnswer(*answer);
  if (!parsed) return Failed(registration, parsed.error());
  return FaspServer{.url = wish.url,
                    .base_url = std::move(base_url),
                    .fasp_id = std::move(parsed->fasp_id),
                    .public_key = std::move(parsed->public_key),
                    .private_key = std::move(private_key),
                    .completion_url = std::move(parsed->completion_url),
                    .since = clock_.Now(),
                    .by = wish.by};
}

void Fasp::Register(Wish wish, std::move_only_function<void(std::expected<std::string, Error>)> done) {
  for (auto [url, field] : {std::pair(&wish.url, "server"), std::pair(&wish.base_url, "base_url")}) {
    while (url->ends_with('/')) url->pop_back();
    const bool is_told = url == &wish.url || !url->empty();
    if (is_told && !IsHttpUrl(*url)) {
      return done(std::unexpected(
          Error{"bad_url", "The URL must be http or https, with a host, without a user or a fragment.", field}));
    }
  }
  registrar_.Put([this, wish = std::move(wish), done = std::move(done)](std::expected<void, Error> turn) mutable {
    if (!turn) return done(std::unexpected(turn.error()));
    if (auto may = MayRegister(wish.url); !may) return done(std::unexpected(may.error()));
    std::string id = DrawId();
    auto server = Ask(wish, id);
    if (!server) return done(std::unexpected(server.error()));
    pipeline_.Errand([this, id = std::move(id), server = std::move(*server), remote = std::move(wish.remote),
                      done = std::move(done)](std::expected<void, Error> ready) mutable {
      if (ready) ready = Add(id, server, remote);
      if (!ready) return done(std::unexpected(ready.error()));
      done(std::move(id));
    });
  });
}

std::expected<void, Error> Fasp::Add(const std::string& id, const FaspServer& server, const std::string& remote) {
  if (auto may = MayRegister(server.url); !may) return may;
  JsonWriter detail;
  detail.BeginObject();
  detail.Field("server", server.url);
  detail.Field("base_url", server.base_url);
  detail.EndObject();
  const AuditEntry audit{
      .at = server.since, .by = server.by, .remote = remote, .action = "fasp", .subject = id, .detail = detail.Take()};
  if (auto put = pipeline_.store().fasp().Put(id, server, audit); !put) return put;
  const std::lock_guard lock(mutex_);
  servers_[id] = server;
  return {};
}

void Fasp::Remove(std::string id, std::string by, std::string remote,
                  std::move_only_function<void(std::expected<void, Error>)> done) {
  pipeline_.Errand([this, id = std::move(id), by = std::move(by), remote = std::move(remote),
                    done = std::move(done)](std::expected<void, Error> turn) mutable {
    done(turn ? Drop(id, by, remote) : std::unexpected(turn.error()));
  });
}

std::expected<void, Error> Fasp::Drop(const std::string& id, const std::string& by, const std::string& remote) {
  if (!servers_.contains(id)) return NotFound();
  const AuditEntry audit{.at = clock_.Now(), .by = by, .remote = remote, .action = "unfasp", .subject = id};
  if (auto removed = pipeline_.store().fasp().Remove(id, audit); !removed) return removed;
  const std::lock_guard lock(mutex_);
  servers_.erase(id);
  return {};
}

void Fasp::SetTrends(std::string id, bool active, std::move_only_function<void(std::expected<void, Error>)> done) {
  pipeline_.Errand([this, id = std::move(id), active, done = std::move(done)](std::expected<void, Error> turn) mutable {
    done(turn ? Change(id, active) : std::unexpected(turn.error()));
  });
}

std::expected<void, Error> Fasp::Change(const std::string& id, bool trends) {
  const auto known = servers_.find(id);
  if (known == servers_.end()) return NotFound();
  if (known->second.trends == trends) return {};
  FaspServer changed = known->second;
  changed.trends = trends;
  if (auto put = pipeline_.store().fasp().Put(id, changed, std::nullopt); !put) return put;
  const std::lock_guard lock(mutex_);
  known->second = std::move(changed);
  return {};
}

Fasp::Servers Fasp::All() const {
  const std::lock_guard lock(mutex_);
  return servers_;
}

std::expected<Fasp::Signer, Error> Fasp::ClaimedSigner(const Request& request) const {
  auto signature = SignatureOf(request);
  if (!signature) return std::unexpected(signature.error());
  const std::lock_guard lock(mutex_);
  const auto known = servers_.find(signature->keyid.value_or(""));
  if (known == servers_.end())
    return std::unexpected(Error{"unknown_key", "No server is registered here under this keyid.", "Signature-Input"});
  return Signer{.id = known->first, .server = known->second, .signature = std::move(*signature)};
}

std::expected<Fasp::Signer, Error> Fasp::SignerOf(const Request& request) const {
  auto signer = ClaimedSigner(request);
  if (!signer) return signer;
  const std::string url = options_.url + request.path + (request.raw_query.empty() ? "" : "?") + request.raw_query;
  auto checked = CheckSignature(signer->signature, request, url, signer->server.public_key, clock_.Now());
  if (!checked) return std::unexpected(checked.error());
  return signer;
}

Reply Fasp::Signing(const Signer& signer, Reply reply) const {
  return Reply(
      std::make_shared<SigningSink>(signer.server.fasp_id, signer.server.private_key, clock_, std::move(reply)));
}

}  // namespace tagswell
