// One stream of posts: its configuration, its store, the pipeline over it, its webhooks and its figures. Streams share
// the process, its addresses and its tokens, and nothing else.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "server/api/api_context.h"
#include "server/api/connectors.h"
#include "server/api/engine_gauges.h"
#include "server/config/config.h"
#include "server/fasp/fasp.h"
#include "server/net/route.h"
#include "server/pipeline/pipeline.h"
#include "server/webhooks/webhooks.h"

namespace tagswell {

// The pipeline that a configuration asks for.
PipelineOptions PipelineOptionsOf(const Config& config);

class Stream {
 public:
  // `config` is the stream's own (Config::OfStream), `shared` outlives the stream. Errors: bad_alias, bad_address,
  // bad_config (what [[connect]] names is not there).
  static std::expected<std::unique_ptr<Stream>, Error> Create(std::string name, const Config& config,
                                                              ApiContext::Shared shared);
  ~Stream();

  const std::string& name() const { return api_.stream(); }
  ApiContext& api() { return api_; }

  // Every path of this stream, as the default one has it: "/v1/posts".
  std::vector<Route> Routes();

  // Opens the store and folds the log; from then on its routes answer. Once, on any thread. Errors: those of
  // Pipeline::Open, and what keeps webhooks or the cursors of connectors from being read.
  std::expected<void, Error> Open();

  // From now on its routes refuse. Then, when no request is under way: finishes what was accepted. Both idempotent.
  // Stop gives false while a connector is in a call that nothing interrupts: the destructor would wait for it.
  void BeginDraining() {
    connectors_->Interrupt();
    api_.Draining();
  }
  bool Stop();

 private:
  class Observer final : public PipelineObserver {
   public:
    explicit Observer(StreamMetrics& metrics) : metrics_(metrics) {}
    void OnCommit(std::size_t posts, std::size_t duplicates, double commit_seconds) override;
    void OnSync(double seconds) override;
    void OnEvent(const TrendEvent& event) override;

    // Told of every event from now on.
    void Tell(Webhooks& webhooks) { webhooks_ = &webhooks; }

   private:
    StreamMetrics& metrics_;
    std::atomic<Webhooks*> webhooks_ = nullptr;
  };

  Stream(std::string name, const Config& config, TopicResolver resolver, AddressRule addresses,
         ApiContext::Shared shared, StreamMetrics& metrics);

  const Config config_;
  const TopicResolver resolver_;
  const AddressRule addresses_;
  StreamMetrics& metrics_;
  ApiContext api_;
  EngineGauges gauges_;
  Observer observer_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Webhooks> webhooks_;
  std::unique_ptr<Fasp> fasp_;
  std::unique_ptr<Connectors> connectors_;  // goes first, and waits for its threads
};

}  // namespace tagswell
