#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/chord_ring.hpp"
#include "wire/chord_leave_data.hpp"
#include "wire/chord_update.hpp"

namespace carillon::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NodeId random_node(Random& random) {
  return RingPosition::random_below_power(128, random).node_id();
}

TEST(Chord, AloneItIsResponsibleForEverything) {
  ChordRing ring;
  auto& member = ring.start_first(node_at(7));
  EXPECT_TRUE(member.chord.range()->is_whole());
  EXPECT_TRUE(member.chord.held_range()->is_whole());
  EXPECT_THAT(member.chord.replica_set(), IsEmpty());
}

TEST(Chord, EveryJoinLeavesARingThatIsRight) {
  ChordRing ring;
  SeededRandom random{3};
  ring.start_first(random_node(random));
  for (int i = 0; i < 60; ++i) {
    ring.join(random_node(random));
    ASSERT_EQ(ring.fault(), "") << i;
  }
}

TEST(Chord, AJoiningNodeTellsNothingOfItself) {
  ChordRing ring;
  ring.start_first(node_at(100));
  auto& joining = ring.add(node_at(50));
  ring.connect(node_at(50), node_at(100));
  ring.members.at(node_at(100))->chord.handle_update_requested(node_at(50), ring.now);
  joining.chord.start_joining(node_at(100), ring.now);
  joining.chord.handle_update_requested(node_at(100), ring.now);
  ring.run();
  EXPECT_TRUE(joining.chord.ready_to_join());
  EXPECT_THAT(joining.updates, IsEmpty());
  EXPECT_FALSE(joining.chord.range());
  EXPECT_FALSE(ring.members.at(node_at(100))->chord.is_peer(node_at(50)));
}

TEST(Chord, TheAdmittingPeersFirstUpdateGoesToTheNewcomerAndNamesIt) {
  ChordRing ring;
  ring.start_first(node_at(100));
  ring.join(node_at(200));
  auto& admitting = *ring.members.at(node_at(100));
  auto& joining = ring.add(node_at(50));
  ring.connect(node_at(50), node_at(100));
  admitting.chord.handle_update_requested(node_at(50), ring.now);
  joining.chord.start_joining(node_at(100), ring.now);
  ring.run();
  admitting.updates.clear();
  ASSERT_TRUE(admitting.chord.handle_join(node_at(50), ring.now));
  admitting.chord.admit(node_at(50), ring.now);
  ring.run();
  ASSERT_FALSE(admitting.updates.empty());
  EXPECT_EQ(admitting.updates.front().node, node_at(50));
  const auto update = wire::decode_whole<wire::ChordUpdate>(admitting.updates.front().body).value();
  EXPECT_EQ(update.predecessors.front(), node_at(50));
  EXPECT_EQ(ring.fault(), "");
}

TEST(Chord, WhoeverIsNotResponsibleDoesNotAdmit) {
  ChordRing ring;
  ring.start_first(node_at(100));
  ring.join(node_at(200));
  ring.add(node_at(150));
  ring.connect(node_at(150), node_at(100));
  auto& wrong = *ring.members.at(node_at(100));
  EXPECT_EQ(wrong.chord.handle_join(node_at(150), ring.now).error().code, ErrorCode::not_found);
  EXPECT_EQ(wrong.chord.handle_join(node_at(170), ring.now).error().code, ErrorCode::forbidden);
}

TEST(Chord, AfterAnyCrashTheRingIsRightAgain) {
  ChordRing ring;
  SeededRandom random{5};
  ring.start_first(random_node(random));
  for (int i = 0; i < 30; ++i)
    ring.join(random_node(random));
  while (ring.members.size() > 1) {
    auto victim = ring.members.begin();
    std::advance(victim, random.below(ring.members.size()));
    ring.kill(victim->first);
    ring.run_for(seconds{5});
    ASSERT_EQ(ring.fault(), "") << ring.members.size() << " left";
  }
  EXPECT_TRUE(ring.members.begin()->second->lost);
}

TEST(Chord, TheSuccessorAnswersAtOnceForAPeerThatIsGone) {
  ChordRing ring;
  ring.start_first(node_at(100));
  ring.join(node_at(150));
  ring.join(node_at(200));
  ring.kill(node_at(150));
  const auto& heir = *ring.members.at(node_at(200));
  EXPECT_TRUE(heir.chord.is_responsible(ResourceId{node_at(120)}));
  EXPECT_TRUE(heir.chord.is_responsible(ResourceId{node_at(150)}));
  EXPECT_FALSE(heir.chord.is_responsible(ResourceId{node_at(100)}));
}

TEST(Chord, ABrokenLinkBetweenTwoLivingNeighborsIsMadeAnew) {
  ChordRing ring;
  ring.start({10, 60, 110, 160, 210});
  ring.disconnect(node_at(60), node_at(110));
  ring.run_for(seconds{10});
  EXPECT_EQ(ring.fault(), "");
}

TEST(Chord, NewReplicasWaitForTheHoldDownOrForWhatTheFailureTriggers) {
  ChordOptions options;
  options.reactive = false;  // Then nobody tells anything of the failure by itself.
  ChordRing ring{options};
  ring.start({10, 60, 110, 160, 210});
  ring.run_for(seconds{2'000});  // Periodic Updates have made the tables right.
  ASSERT_EQ(ring.fault(), "");
  auto& member = *ring.members.at(node_at(10));
  EXPECT_THAT(member.chord.replica_set(), ElementsAre(node_at(60), node_at(110)));
  member.replica_sets.clear();
  ring.kill(node_at(60));
  EXPECT_THAT(member.replica_sets, IsEmpty());
  ring.run_for(options.replacement_hold_down + seconds{1});
  ASSERT_FALSE(member.replica_sets.empty());
  EXPECT_THAT(member.replica_sets.back().after, ElementsAre(node_at(110), node_at(160)));
}

TEST(Chord, WithReactiveRecoveryTheHoldDownEndsWhenAllSuccessorsHaveTold) {
  ChordRing ring;
  ring.start({10, 60, 110, 160, 210});
  auto& member = *ring.members.at(node_at(10));
  member.replica_sets.clear();
  ring.kill(node_at(60));
  ring.run_for(milliseconds{100});
  ASSERT_FALSE(member.replica_sets.empty());
  EXPECT_THAT(member.replica_sets.back().after, ElementsAre(node_at(110), node_at(160)));
}

/// Their Updates come before it knows what for, and no others do.
TEST(Chord, TheHoldDownIsOverForWhoeverNoticesAFailureLast) {
  ChordRing ring;
  ring.start({10, 60, 110, 160, 210});
  auto& member = *ring.members.at(node_at(10));
  ring.members.at(node_at(60))->links.erase(member.id);
  ring.kill(node_at(60));
  member.replica_sets.clear();
  member.links.erase(node_at(60));
  member.chord.handle_disconnected(node_at(60), ring.now);
  ring.run();
  ASSERT_FALSE(member.replica_sets.empty());
  EXPECT_THAT(member.replica_sets.back().after, ElementsAre(node_at(110), node_at(160)));
}

TEST(Chord, ALeaverIsForgottenAndNotCalledBack) {
  ChordRing ring;
  ring.start({10, 60, 110, 160, 210});
  auto& leaver = *ring.members.at(node_at(60));
  const auto links = leaver.links;
  std::map<NodeId, Bytes> data;
  for (const NodeId& to : links)
    data[to] = leaver.chord.leave_data(to);
  leaver.chord.leave(ring.now);
  EXPECT_FALSE(leaver.chord.range());
  // Messages that still come go on to whoever answers now.
  EXPECT_EQ(leaver.chord.next_hop(ResourceId{node_at(50)}), node_at(110));
  for (const NodeId& to : links)
    ASSERT_TRUE(ring.members.at(to)->chord.handle_leave(node_at(60), data[to], ring.now));
  ring.run();
  EXPECT_EQ(ring.members.at(node_at(110))->chord.range()->after, RingPosition{node_at(10)});
  ring.kill(node_at(60));
  ring.run_for(seconds{5});
  EXPECT_EQ(ring.fault(), "");
}

TEST(Chord, LeaveTellsEachSideWhatItNeeds) {
  ChordRing ring;
  ring.start({10, 40, 70, 100, 130, 160, 190, 220});
  const auto& leaver = ring.members.at(node_at(100))->chord;
  const auto to_predecessor =
      wire::decode_whole<wire::ChordLeaveData>(leaver.leave_data(node_at(70))).value();
  EXPECT_EQ(to_predecessor.type, wire::ChordLeaveType::from_succ);
  EXPECT_THAT(to_predecessor.nodes, ElementsAre(node_at(130), node_at(160), node_at(190)));
  const auto to_successor =
      wire::decode_whole<wire::ChordLeaveData>(leaver.leave_data(node_at(130))).value();
  EXPECT_EQ(to_successor.type, wire::ChordLeaveType::from_pred);
  EXPECT_THAT(to_successor.nodes, ElementsAre(node_at(70), node_at(40), node_at(10)));
}

TEST(Chord, TwoRingsThatMeetBecomeOne) {
  ChordRing ring;
  SeededRandom random{11};
  std::vector<NodeId> one;
  std::vector<NodeId> other;
  // Two rings that know nothing of each other, then one link between them.
  ChordRing second;
  for (int i = 0; i < 8; ++i) {
    one.push_back(random_node(random));
    i == 0 ? ring.start_first(one.back()) : ring.join(one.back());
    other.push_back(random_node(random));
    i == 0 ? second.start_first(other.back()) : second.join(other.back());
  }
  for (auto& [id, member] : second.members)
    ring.members.emplace(id, std::move(member));
  ASSERT_NE(ring.fault(), "");
  ring.connect(one.front(), other.front());
  ring.run();
  ring.run_for(seconds{60});
  EXPECT_EQ(ring.fault(), "");
}

TEST(Chord, FingersAreFoundWhereThereAreMorePeersThanNeighbors) {
  ChordRing ring;
  SeededRandom random{13};
  ring.start_first(random_node(random));
  for (int i = 0; i < 63; ++i)
    ring.join(random_node(random));
  // The last one to come found a ring of 64: the first fingers must be there.
  std::size_t with_first_finger = 0;
  for (auto& [id, member] : ring.members) {
    EXPECT_EQ(member->chord.finger_table().size() >= 16, true);
    if (member->chord.finger_table()[0]) ++with_first_finger;
  }
  EXPECT_GT(with_first_finger, 60U);
}

TEST(Chord, ResponsesAreBelievedOnlyFromAtLeastAsCloseAsOurNeighbors) {
  ChordRing ring;
  ring.start({10, 60, 110, 160, 210});
  const auto& chord = ring.members.at(node_at(10))->chord;
  EXPECT_TRUE(chord.is_plausible_responder(ResourceId{node_at(100)}, node_at(110)));
  EXPECT_TRUE(chord.is_plausible_responder(ResourceId{node_at(100)}, node_at(105)));
  EXPECT_FALSE(chord.is_plausible_responder(ResourceId{node_at(100)}, node_at(160)));
  EXPECT_FALSE(chord.is_plausible_responder(ResourceId{node_at(100)}, node_at(90)));
}

TEST(Chord, WhoTakesOverFromOneThatIsSilentIsBelieved) {
  ChordRing ring;
  ring.start({10, 60, 110, 160, 210});
  auto& chord = ring.members.at(node_at(10))->chord;
  chord.handle_doubt(node_at(110), true);
  EXPECT_TRUE(chord.is_plausible_responder(ResourceId{node_at(100)}, node_at(160)));
  EXPECT_FALSE(chord.is_plausible_responder(ResourceId{node_at(100)}, node_at(210)));
  chord.handle_doubt(node_at(110), false);
  EXPECT_FALSE(chord.is_plausible_responder(ResourceId{node_at(100)}, node_at(160)));
}

TEST(Chord, ReplicasAreTakenOnlyFromPeersThatMayHaveThem) {
  ChordRing ring;
  ring.start({10, 40, 70, 100, 130, 160, 190, 220});
  const auto& chord = ring.members.at(node_at(100))->chord;
  EXPECT_TRUE(chord.is_plausible_replica_store(ResourceId{node_at(35)}, node_at(40)));
  EXPECT_TRUE(chord.is_plausible_replica_store(ResourceId{node_at(95)}, node_at(130)));
  EXPECT_FALSE(chord.is_plausible_replica_store(ResourceId{node_at(35)}, node_at(160)));
  // Four peers that we know of are closer to this one than we are.
  EXPECT_FALSE(chord.is_plausible_replica_store(ResourceId{node_at(180)}, node_at(190)));
}

TEST(Chord, HeldRangeEndsAtTheThirdPredecessor) {
  ChordRing ring;
  ring.start({10, 40, 70, 100, 130});
  const auto held = ring.members.at(node_at(130))->chord.held_range();
  EXPECT_EQ(*held, (RingInterval{RingPosition{node_at(40)}, RingPosition{node_at(130)}}));
}

TEST(Chord, MalformedUpdatesAndLeavesChangeNothing) {
  ChordRing ring;
  ring.start_first(node_at(100));
  ring.join(node_at(200));
  auto& chord = ring.members.at(node_at(100))->chord;
  EXPECT_EQ(chord.handle_update(node_at(200), Bytes{1, 2, 3}, ring.now).error().code,
            ErrorCode::malformed);
  EXPECT_EQ(chord.handle_leave(node_at(200), Bytes{9}, ring.now).error().code,
            ErrorCode::malformed);
  EXPECT_EQ(ring.fault(), "");
}

TEST(Chord, AnUpdateFromWhomWeHaveNoLinkWithIsHearsay) {
  ChordRing ring;
  ring.start_first(node_at(100));
  auto& chord = ring.members.at(node_at(100))->chord;
  wire::ChordUpdate update;
  EXPECT_TRUE(chord.handle_update(node_at(50), wire::encode(update), ring.now));
  EXPECT_FALSE(chord.is_peer(node_at(50)));
  EXPECT_TRUE(chord.range()->is_whole());
}

TEST(Chord, ThoseNextToUsAreWatched) {
  ChordRing ring;
  ring.start({100, 120, 140, 160, 180, 200});
  EXPECT_THAT(ring.members.at(node_at(140))->chord.watched(),
              ElementsAre(node_at(160), node_at(120)));
  ChordRing pair;
  pair.start({100, 120});
  EXPECT_THAT(pair.members.at(node_at(100))->chord.watched(), ElementsAre(node_at(120)));
}

TEST(Chord, WhoIsMissingFromANeighborsUpdateIsProbedAndDoubtfulUntilThen) {
  ChordRing ring;
  ring.start({100, 120, 140, 160, 180, 200, 220, 240});
  auto& member = *ring.members.at(node_at(100));
  member.probed.clear();
  const ResourceId of_140{node_at(130)};
  EXPECT_FALSE(member.chord.is_plausible_responder(of_140, node_at(160)));
  wire::ChordUpdate update;
  update.type = wire::ChordUpdateType::neighbors;
  update.predecessors = {node_at(100), node_at(240), node_at(220)};
  update.successors = {node_at(160), node_at(180), node_at(200)};  // 140 is gone, says 120.
  ASSERT_TRUE(member.chord.handle_update(node_at(120), wire::encode(update), ring.now));
  ring.run();
  EXPECT_THAT(member.probed, ElementsAre(node_at(140)));
  EXPECT_TRUE(member.chord.is_plausible_responder(of_140, node_at(160))) << "who takes over";
  member.chord.handle_doubt(node_at(140), false);
  EXPECT_FALSE(member.chord.is_plausible_responder(of_140, node_at(160)));
}

TEST(Chord, AnUpdateSaysSinceWhenItsSenderHasBeenAMember) {
  ChordRing ring;
  ring.start({100, 120});
  auto& member = *ring.members.at(node_at(100));
  wire::ChordUpdate update;
  update.uptime = 7;
  ASSERT_TRUE(member.chord.handle_update(node_at(120), wire::encode(update), ring.now));
  EXPECT_EQ(member.chord.member_since(node_at(120)), ring.now.monotonic - seconds{7});
  EXPECT_EQ(member.chord.member_since(node_at(140)), std::nullopt);
}

TEST(Chord, ALyingUpdateMakesUsCallABoundedNumberOfNodes) {
  ChordRing ring;
  ring.start_first(node_at(100));
  ring.join(node_at(200));
  auto& member = *ring.members.at(node_at(100));
  SeededRandom random{17};
  wire::ChordUpdate update;
  update.type = wire::ChordUpdateType::neighbors;
  for (int i = 0; i < 2'000; ++i) {
    update.successors.push_back(random_node(random));
    update.predecessors.push_back(random_node(random));
  }
  ASSERT_TRUE(member.chord.handle_update(node_at(200), wire::encode(update), ring.now));
  std::size_t attaches = 0;
  while (auto action = member.chord.poll_action()) {
    if (std::holds_alternative<AttachToNeighbor>(*action)) ++attaches;
  }
  EXPECT_LE(attaches, 6U);
}

}  // namespace
}  // namespace carillon::topology
