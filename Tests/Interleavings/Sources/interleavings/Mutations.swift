import Interleaving

/// A fault that is put into the pool to see whether the programs notice it.
struct Mutation: Sendable {
    enum Change: Sendable {
        /// Orderings that do not order.
        case weaken([Site])
        /// A check that `patch.py` knows by this name.
        case remove(String)
    }

    enum Verdict: Sendable {
        /// A program fails.
        case found(String)
        /// No program fails, for this reason.
        case harmless(String)
    }

    let name: String
    let change: Change
    let verdict: Verdict

    private static func weaken(_ sites: Site..., verdict: Verdict) -> Mutation {
        Mutation(
            name: sites.map(\.description).joined(separator: ", and "), change: .weaken(sites), verdict: verdict)
    }

    private static func remove(_ name: String, verdict: Verdict) -> Mutation {
        Mutation(name: name, change: .remove(name), verdict: verdict)
    }

    private static let take = "take()"
    private static let put = "put(_:)"

    static let all: [Mutation] = [
        weaken(Site(take, .load, .acquires), verdict: .harmless("the exchange that takes the bit acquires")),
        weaken(Site(take, .compareExchange, .acquires), verdict: .found("two threads take and put one slot")),
        weaken(Site(take, .compareExchange, .releases), verdict: .harmless("it publishes nothing")),
        weaken(Site(take, .failure, .acquires), verdict: .harmless("the exchange that takes the bit acquires")),
        weaken(
            Site(take, .load, .acquires), Site(take, .compareExchange, .acquires), Site(take, .failure, .acquires),
            verdict: .found("two threads take and put one slot")),
        weaken(Site(put, .compareExchange, .acquires), verdict: .harmless("an update continues what others released")),
        weaken(Site(put, .compareExchange, .releases), verdict: .found("two threads take and put one slot")),
        weaken(
            Site("seize(into:)", .exchange, .acquires),
            verdict: .found("a caller begins to wait while another returns")),
        weaken(Site("seize(into:)", .exchange, .releases), verdict: .harmless("restore releases")),
        weaken(
            Site("restore(_:slow:)", .store, .releases),
            verdict: .found("suspension beside a return and a caller")),
        weaken(Site("reserve(capacity:)", .store, .releases), verdict: .found("growth beside leases")),
        weaken(Site("groupCount", .load, .acquires), verdict: .found("growth beside leases")),
        weaken(Site("sleep(_:)", .load, .acquires), verdict: .harmless("the continuation orders")),
        weaken(Site("wake()", .store, .releases), verdict: .harmless("the continuation orders")),
        // Those that are harmless one by one are so together: none stands in for another.
        weaken(
            Site(take, .load, .acquires), Site(take, .compareExchange, .releases), Site(take, .failure, .acquires),
            Site(put, .compareExchange, .acquires), Site("seize(into:)", .exchange, .releases),
            Site("sleep(_:)", .load, .acquires), Site("wake()", .store, .releases),
            verdict: .harmless("as each of them is alone")),
        remove("take: the slow bit", verdict: .found("suspension beside a return and a caller")),
        remove("take: the comparison", verdict: .found("two threads take and put one slot")),
        remove("put: the slow bit", verdict: .found("a caller begins to wait while another returns")),
        remove("put: the comparison", verdict: .found("two threads take and put two slots")),
        remove("seize: taking the idle bits out", verdict: .found("a caller begins to wait while another returns")),
        remove("restore: the slow bit", verdict: .found("a caller begins to wait while another returns")),
        remove(
            "reserve: a group before its count",
            verdict: .harmless("who acquires the new count sees the slow bit of the first group, and looks no further")),
        remove("acquire: the generation", verdict: .found("eviction beside a return")),
        remove("enqueue: cancellation under the lock", verdict: .found("a caller is cancelled that nobody serves")),
        remove("enqueue: shutdown under the lock", verdict: .found("shutdown beside a return and a caller")),
        remove("withdraw: a waiter not yet in line", verdict: .harmless("no waiter has the number 0")),
        remove("wait: idle slots once in line", verdict: .found("a caller begins to wait while another returns")),
        remove("remove: the round of a waiter", verdict: .found("a late cancellation meets another caller")),
        remove("return: the size", verdict: .found("a return after resize")),
        remove("return: the generation", verdict: .harmless("acquire looks again")),
        remove("return: a forced shutdown", verdict: .found("forced shutdown beside a return")),
        remove("resume: serving those that wait", verdict: .found("suspension beside a return and a caller")),
        remove("bring: the value before the waiter wakes", verdict: .found("a delivery that another thread brings")),
    ]

    func apply() {
        switch change {
        case .weaken(let sites): weakening.weakened = sites
        case .remove(let name): Interleaving.remove(check: name)
        }
    }
}
