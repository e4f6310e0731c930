import HTTPTypes
import Hummingbird
import Synchronization

/// Which methods each path has, so that a wrong method is told from a wrong path.
final class RouteTable: Sendable {
    private let routes = Mutex<[(path: [String], method: HTTPRequest.Method)]>([])

    /// Takes over the routes of a router that is complete.
    func read(_ router: Router<AppContext>) {
        let all = router.routes.map { (parts($0.path.description), $0.method) }
        routes.withLock { $0 = all }
    }

    /// The methods of a path; none when nothing is there.
    func methods(of path: String) -> [String] {
        let wanted = parts(path)
        let found = routes.withLock { routes in
            routes.filter { route in
                route.path.count == wanted.count
                    && zip(route.path, wanted).allSatisfy { $0.hasPrefix("{") || $0.hasPrefix(":") || $0 == $1 }
            }
        }
        return Set(found.map(\.method.rawValue)).sorted()
    }

    private func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}
