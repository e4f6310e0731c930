import Hummingbird
import Logging
import NIOCore

/// What travels with a request.
struct AppContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// Whose request it is; `nil` where no keys exist.
    var key: APIKey?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// Bodies above this are answered 413.
    var maxUploadSize: Int { 1024 * 1024 }
}
