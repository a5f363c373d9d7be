"""The few lines that keep a visitor's click with the order, for the systems that have no place for it of their own.

docs/connections.md shows the same lines. Both keep the value within the shop's own site: nobody else reads it.
"""

WOOCOMMERCE = """\
add_action( 'template_redirect', function () {
	if ( empty( $_GET['vp_click'] ) || ! is_string( $_GET['vp_click'] ) || headers_sent() ) {
		return;
	}
	setcookie( 'vp_click', substr( sanitize_text_field( wp_unslash( $_GET['vp_click'] ) ), 0, 100 ), array(
		'expires'  => time() + 30 * DAY_IN_SECONDS,
		'path'     => '/',
		'secure'   => is_ssl(),
		'httponly' => true,
		'samesite' => 'Lax',
	) );
} );

function voorspraak_keep_click( $order ) {
	if ( ! empty( $_COOKIE['vp_click'] ) && is_string( $_COOKIE['vp_click'] ) ) {
		$click = substr( sanitize_text_field( wp_unslash( $_COOKIE['vp_click'] ) ), 0, 100 );
		$order->update_meta_data( 'vp_click', $click );
	}
}
add_action( 'woocommerce_checkout_create_order', 'voorspraak_keep_click' );
add_action( 'woocommerce_store_api_checkout_update_order_meta', 'voorspraak_keep_click' );
"""

SHOPIFY = """\
<script>
(function () {
  var click = new URLSearchParams(window.location.search).get("vp_click");
  if (!click) return;
  fetch(window.Shopify.routes.root + "cart/update.js", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ attributes: { vp_click: click.slice(0, 100) } })
  });
})();
</script>
"""
