#include "server/client/event_stream_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tagswell {
namespace {

std::vector<std::string> Feed(EventStreamParser& parser, std::string_view bytes, std::size_t step) {
  std::vector<std::string> events;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    EXPECT_TRUE(parser.Feed(bytes.substr(at, step),
                            [&](const ServerSentEvent& event) { events.push_back(event.type + "|" + event.data); }));
  }
  return events;
}

TEST(EventStreamParser, GivesTheSameEventsHoweverTheBytesCome) {
  constexpr std::string_view kStream =
      ": ping\n\nid: 7\nevent: started\ndata: {\"a\":1}\n\nid:8\r\ndata: x\r\ndata:y\r\n\r\nid: 9\rdata\r\r";
  for (const std::size_t step : {1u, 2u, 3u, 1000u}) {
    EventStreamParser parser;
    EXPECT_EQ(Feed(parser, kStream, step), (std::vector<std::string>{"started|{\"a\":1}", "message|x\ny", "message|"}));
    EXPECT_EQ(parser.last_id(), "9");
  }
}

TEST(EventStreamParser, ResumesFromTheLastWholeEvent) {
  EventStreamParser parser;
  Feed(parser, "id: 1\ndata: a\n\nid: 2\ndata: b\n", 100);
  EXPECT_EQ(parser.last_id(), "1");
  parser.Restart();
  EXPECT_EQ(Feed(parser, "id: 2\ndata: b\n\n", 100), std::vector<std::string>{"message|b"});
  EXPECT_EQ(parser.last_id(), "2");
}

TEST(EventStreamParser, RefusesAnEventWithoutEnd) {
  EventStreamParser parser;
  const std::string piece(1u << 20, 'x');
  bool fine = true;
  for (int i = 0; i < 6 && fine; ++i) fine = parser.Feed(piece, [](const ServerSentEvent&) {});
  EXPECT_FALSE(fine);
}

}  // namespace
}  // namespace tagswell
