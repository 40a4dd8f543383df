DROP TABLE sync_notification_sends;
DROP TABLE sync_notifications;
