import Hummingbird
import Logging
import NIOCore

/// What travels with a request.
struct AppContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel
    /// Whose request it is; `nil` where no keys exist.
    var key: APIKey?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Where the request comes from; looked up by who needs it.
    var remoteAddress: SocketAddress? { channel.remoteAddress }

    /// Bodies above this are answered 413.
    var maxUploadSize: Int { 1024 * 1024 }
}
